//VTK::System::Dec
// Puts back the colour and depth that the step before left, so that only new points are drawn.
//VTK::Output::Dec
in vec2 texture_place;
uniform sampler2D colour_texture;
uniform sampler2D depth_texture;

void main()
{
  gl_FragData[0] = vec4(textureLod(colour_texture, texture_place, 0.0).rgb, 1.0);
  gl_FragDepth = textureLod(depth_texture, texture_place, 0.0).r;
}

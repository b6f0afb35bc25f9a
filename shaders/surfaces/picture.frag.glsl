//VTK::System::Dec
// An image on a mesh.
//VTK::Output::Dec
//VTK::CustomUniforms::Dec
in vec2 texture_place;
uniform sampler2D picture;

void main()
{
  gl_FragData[0] = vec4(texture(picture, texture_place).rgb, picture_opacity);
}

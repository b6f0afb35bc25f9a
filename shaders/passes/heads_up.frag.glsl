//VTK::System::Dec
// Captions, legend and scale bar: premultiplied BGRA from the processor, top row first.
//VTK::Output::Dec
in vec2 texture_place;
uniform sampler2D picture;

void main()
{
  vec4 texel = textureLod(picture, vec2(texture_place.x, 1.0 - texture_place.y), 0.0);
  if (texel.a == 0.0) discard;
  gl_FragData[0] = texel.bgra;
}

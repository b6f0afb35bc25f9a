//VTK::System::Dec
// Flat triangles of one colour each.
//VTK::Output::Dec
//VTK::CustomUniforms::Dec
flat in vec4 face_rgba;

void main()
{
  gl_FragData[0] = face_rgba;
}

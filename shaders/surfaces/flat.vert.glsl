//VTK::System::Dec
// Flat triangles of one colour each.
in vec4 vertexMC;
in float colour;
in float alpha;
uniform mat4 MCDCMatrix;
//VTK::CustomUniforms::Dec
flat out vec4 face_rgba;

void main()
{
  int bits = int(colour);
  face_rgba = vec4(float(bits & 255), float((bits >> 8) & 255), float((bits >> 16) & 255), 255.0 * alpha) / 255.0;
  gl_Position = MCDCMatrix * vertexMC;
  if (xray == 1) gl_Position.z = -gl_Position.w + (gl_Position.z + gl_Position.w) * 0.001;
  else gl_Position.z -= pull * gl_Position.w;
}

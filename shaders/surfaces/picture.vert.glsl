//VTK::System::Dec
// An image on a mesh.
in vec4 vertexMC;
in vec2 image_place;
uniform mat4 MCDCMatrix;
//VTK::CustomUniforms::Dec
out vec2 texture_place;

void main()
{
  texture_place = image_place;
  gl_Position = MCDCMatrix * vertexMC;
}

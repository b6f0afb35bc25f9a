//VTK::System::Dec
// Full-screen passes: the quad.
in vec4 ndCoordIn;
in vec2 texCoordIn;
out vec2 texture_place;

void main()
{
  gl_Position = ndCoordIn;
  texture_place = texCoordIn;
}

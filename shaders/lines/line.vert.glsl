//VTK::System::Dec
// Lines: one end of a segment. `style` is opacity, width in px, casing in px, dash period in px.
in vec4 vertexMC;
in float colour;
in vec4 style;
in float row;
in vec3 normal_a;
in vec3 normal_b;
uniform mat4 MCDCMatrix;
//VTK::CustomUniforms::Dec
out vec3 end_rgb;
out vec4 end_style;
out float end_row;
out float end_hidden;

void main()
{
  int bits = int(colour);
  end_rgb = vec3(float(bits & 255), float((bits >> 8) & 255), float((bits >> 16) & 255)) / 255.0;
  end_style = style;
  end_row = row;
  // An edge is hidden by its own box when both faces that meet there look away from the eye.
  vec3 to_eye = vec3(eye_x, eye_y, eye_z) - eye_w * vertexMC.xyz;
  end_hidden = dot(normal_a, to_eye) < 0.0 && dot(normal_b, to_eye) < 0.0 ? 1.0 : 0.0;
  gl_Position = MCDCMatrix * vertexMC;
}

//VTK::System::Dec
// Points: a round splat where `round_splats` is 1, else the whole square.
//VTK::Output::Dec
//VTK::CustomUniforms::Dec
flat in vec3 splat_rgb;

void main()
{
  if (round_splats == 1)
  {
    vec2 off = gl_PointCoord - 0.5;
    if (dot(off, off) > 0.25) discard;
  }
  gl_FragData[0] = vec4(splat_rgb, 1.0);
}

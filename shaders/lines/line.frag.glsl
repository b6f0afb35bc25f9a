//VTK::System::Dec
// Lines: coverage from the distance to the segment; the casing lies a little deeper than the
// core, so that where lines meet no casing cuts into another line's core.
//VTK::Output::Dec
//VTK::CustomUniforms::Dec
flat in vec3 line_rgb;
flat in vec4 line_shape;
flat in float dash_px;
flat in float halo_opacity;
noperspective in float opacity;
noperspective in vec2 place_px;

void main()
{
  float beyond = max(max(-place_px.x, place_px.x - line_shape.w), 0.0);
  float apart = length(vec2(beyond, place_px.y));
  float core = clamp(line_shape.x + 0.5 - apart, 0.0, 1.0);
  float casing = line_shape.y > 0.0 ? clamp(line_shape.x + line_shape.y + 0.5 - apart, 0.0, 1.0) : 0.0;
  if (dash_px > 0.0)
  {
    float phase = mod(place_px.x, dash_px);
    float gap = clamp(min(phase - 0.6 * dash_px, dash_px - phase) + 0.5, 0.0, 1.0);
    core *= 1.0 - gap;
    casing *= 1.0 - gap;
  }
  float halo = 0.0;
  if (line_shape.z > 0.0)
  {
    float t = clamp((apart - line_shape.x) / line_shape.z, 0.0, 1.0);
    halo = halo_opacity * (1.0 - t * t);
  }
  vec3 glow = light_ground == 1 ? vec3(0.1, 0.36, 0.85) : vec3(1.0);
  vec3 under = line_shape.z > 0.0 ? glow : vec3(0.03, 0.035, 0.045);
  float under_alpha = line_shape.z > 0.0 ? halo : casing * 0.7;
  float alpha = core + under_alpha * (1.0 - core);
  if (alpha < 0.01) discard;
  vec3 rgb = (line_rgb * core + under * under_alpha * (1.0 - core)) / alpha;
  gl_FragData[0] = vec4(rgb, alpha * opacity);
  gl_FragDepth = gl_FragCoord.z + (core > 0.5 ? 0.0 : casing_depth);
}

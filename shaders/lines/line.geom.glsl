//VTK::System::Dec
// Lines: a segment becomes a screen-aligned quad wide enough for core, casing and halo.
layout(lines) in;
layout(triangle_strip, max_vertices = 4) out;
//VTK::CustomUniforms::Dec
in vec3 end_rgb[];
in vec4 end_style[];
in float end_row[];
in float end_hidden[];
flat out vec3 line_rgb;
flat out vec4 line_shape;   // half width, casing, halo, length, all in px
flat out float dash_px;
flat out float halo_opacity;
noperspective out float opacity;
noperspective out vec2 place_px;   // along and across the segment

const float NEAREST_W = 1e-4;

void corner(vec4 at, vec2 offset_px, vec2 size_px, vec2 place, float alpha)
{
  gl_Position = vec4(at.xy + offset_px * 2.0 / size_px * at.w, at.zw);
  place_px = place;
  opacity = alpha;
  EmitVertex();
}

void main()
{
  vec4 a = gl_in[0].gl_Position;
  vec4 b = gl_in[1].gl_Position;
  float alpha_a = end_style[0].x;
  float alpha_b = end_style[1].x;
  if (a.w < NEAREST_W && b.w < NEAREST_W) return;
  if (a.w < NEAREST_W || b.w < NEAREST_W)
  {
    float t = (NEAREST_W - a.w) / (b.w - a.w);
    vec4 cut = mix(a, b, t);
    float alpha_cut = mix(alpha_a, alpha_b, t);
    if (a.w < NEAREST_W) { a = cut; alpha_a = alpha_cut; } else { b = cut; alpha_b = alpha_cut; }
  }
  bool hidden = end_hidden[0] + end_hidden[1] > 1.5;
  bool selected = selected_row >= 0 && abs(end_row[0] - float(selected_row)) < 0.5;
  bool hovered = hovered_row >= 0 && abs(end_row[0] - float(hovered_row)) < 0.5;
  float width = end_style[0].y * (selected ? 1.667 : 1.0) * (hidden ? 0.667 : 1.0);
  float casing = end_style[0].z;
  float halo = hidden ? 0.0 : selected ? 3.0 : hovered ? 2.0 : 0.0;
  halo_opacity = selected ? 0.35 : 0.3;
  line_shape = vec4(0.5 * width, casing, halo, 0.0) * pixel_ratio;
  dash_px = end_style[0].w * pixel_ratio;
  line_rgb = end_rgb[0];
  float fade = hidden ? 0.4 : 1.0;

  vec2 size_px = vec2(viewport_width, viewport_height);
  vec2 from_px = a.xy / a.w * 0.5 * size_px;
  vec2 to_px = b.xy / b.w * 0.5 * size_px;
  vec2 along = to_px - from_px;
  float length_px = length(along);
  along = length_px > 1e-6 ? along / length_px : vec2(1.0, 0.0);
  vec2 across = vec2(-along.y, along.x);
  line_shape.w = length_px;
  float reach = line_shape.x + max(line_shape.y, line_shape.z) + 1.0;
  // Near lines lie on the points that drew them: a small pull towards the eye keeps them whole,
  // X-ray puts them before everything while their order among themselves stays.
  if (xray == 1) { a.z = -a.w + (a.z + a.w) * 0.001; b.z = -b.w + (b.z + b.w) * 0.001; }
  else { a.z -= pull * a.w; b.z -= pull * b.w; }
  // Thin lines end flat: where faint segments meet, round ends would show as dots.
  float cap = casing > 0.0 ? reach : 0.0;
  float past = length_px + cap;
  corner(a, across * reach - along * cap, size_px, vec2(-cap, reach), alpha_a * fade);
  corner(a, -across * reach - along * cap, size_px, vec2(-cap, -reach), alpha_a * fade);
  corner(b, across * reach + along * cap, size_px, vec2(past, reach), alpha_b * fade);
  corner(b, -across * reach + along * cap, size_px, vec2(past, -reach), alpha_b * fade);
  EndPrimitive();
}

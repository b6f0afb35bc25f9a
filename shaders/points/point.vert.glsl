//VTK::System::Dec
// Points: place, filter, colour. `vertexMC` is in the cloud's own coord frame, metres, from a
// local origin; `ego_from_points` and `box_from_points` start there too.
// colour_mode: 0 one colour, 1 value, 2 packed colour, 3 height, 4 distance.
in vec4 vertexMC;
in float value;
uniform mat4 MCDCMatrix;
uniform sampler2D colour_table;
//VTK::CustomUniforms::Dec
flat out vec3 splat_rgb;

void main()
{
  vec3 ego = (ego_from_points * vec4(vertexMC.xyz, 1.0)).xyz;
  float range_m = length(ego.xy);
  bool hide = ego.z < height_low || ego.z > height_high || range_m < range_low || range_m > range_high;
  if (hide_ego == 1 && abs(ego.x) < ego_half_length && abs(ego.y) < ego_half_width) hide = true;
  if (isolate == 1)
  {
    vec3 box = abs((box_from_points * vec4(vertexMC.xyz, 1.0)).xyz);
    if (any(greaterThan(box, vec3(box_half_x, box_half_y, box_half_z)))) hide = true;
  }
  if (colour_mode == 2)
  {
    int bits = int(value);
    splat_rgb = vec3(float(bits & 255), float((bits >> 8) & 255), float((bits >> 16) & 255)) / 255.0;
  }
  else if (colour_mode == 0)
  {
    splat_rgb = vec3(solid_red, solid_green, solid_blue);
  }
  else
  {
    float number = colour_mode == 3 ? ego.z : colour_mode == 4 ? length(ego) : value;
    float place = clamp((number - colour_low) / (colour_high - colour_low), 0.0, 1.0);
    splat_rgb = texelFetch(colour_table, ivec2(int(place * 255.0 + 0.5), 0), 0).rgb;
  }
  gl_Position = hide ? vec4(2.0, 2.0, 2.0, 1.0) : MCDCMatrix * vertexMC;
}

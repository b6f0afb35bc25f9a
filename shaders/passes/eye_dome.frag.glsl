//VTK::System::Dec
// Eye-dome lighting (C. Boucheny, 2009): darkens what lies behind its neighbours on screen.
// The background never darkens, so sparse points keep their colour. The factor is multiplied
// into the colour buffer.
//VTK::Output::Dec
in vec2 texture_place;
uniform sampler2D depth_texture;
uniform vec2 step_size;
uniform float near_m;
uniform float far_m;
uniform float parallel;
uniform float strength;

float log_distance(vec2 place)
{
  float depth = textureLod(depth_texture, place, 0.0).r;
  if (depth >= 1.0) return -1e9;
  float metres = parallel > 0.5 ? mix(near_m, far_m, depth)
                                : near_m * far_m / (far_m - depth * (far_m - near_m));
  return log2(metres);
}

float beyond(float here, vec2 place)
{
  float there = log_distance(place);
  return there < -1e8 ? 0.0 : max(0.0, here - there);
}

void main()
{
  float here = log_distance(texture_place);
  if (here < -1e8) discard;
  float sum = beyond(here, texture_place + vec2(step_size.x, 0.0))
            + beyond(here, texture_place - vec2(step_size.x, 0.0))
            + beyond(here, texture_place + vec2(0.0, step_size.y))
            + beyond(here, texture_place - vec2(0.0, step_size.y));
  float shade = max(exp(-strength * sum * 0.25), 0.25);
  gl_FragData[0] = vec4(shade, shade, shade, 1.0);
}

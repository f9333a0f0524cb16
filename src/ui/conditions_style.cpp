#include "ui/conditions_style.h"

namespace ribostep::ui {

void draw_condition_sign(ImDrawList& draw, int index, ImVec2 at, float r, ImU32 colour) {
  const auto point = [&](float x, float y) { return ImVec2(at.x + x * r, at.y + y * r); };
  switch (index % 6) {
    case 0:  // pointing at what is below
      return draw.AddTriangleFilled(point(-1, -0.8f), point(1, -0.8f), point(0, 1), colour);
    case 1:
      return draw.AddQuadFilled(point(0, -1), point(1, 0), point(0, 1), point(-1, 0), colour);
    case 2:
      return draw.AddRectFilled(point(-0.85f, -0.85f), point(0.85f, 0.85f), colour);
    case 3:
      return draw.AddCircleFilled(at, r * 0.95f, colour, 12);
    case 4:
      draw.AddLine(point(-0.9f, -0.9f), point(0.9f, 0.9f), colour, 1.8f);
      return draw.AddLine(point(-0.9f, 0.9f), point(0.9f, -0.9f), colour, 1.8f);
    default:
      return draw.AddCircle(at, r * 0.8f, colour, 12, 1.6f);
  }
}

}  // namespace ribostep::ui

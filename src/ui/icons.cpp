// Icons from lines and triangles, in units of half the icon's size around its centre.
#include "ui/icons.h"

#include <cmath>

namespace ribostep::ui {
namespace {

struct Pen {
  ImDrawList& list;
  ImVec2 centre;
  float unit;
  ImU32 colour;

  ImVec2 at(float x, float y) const { return ImVec2(centre.x + x * unit, centre.y + y * unit); }
  float width() const { return unit * 0.22f < 1.2f ? 1.2f : unit * 0.22f; }
  void line(float x0, float y0, float x1, float y1) const {
    list.AddLine(at(x0, y0), at(x1, y1), colour, width());
  }
  void bar(float x0, float y0, float x1, float y1) const {
    list.AddRectFilled(at(x0, y0), at(x1, y1), colour);
  }
  void triangle(float x, float tip) const {  // base at x, pointing to tip
    // Dear ImGui smooths clockwise outlines only.
    if (tip > x)
      list.AddTriangleFilled(at(x, -0.75f), at(tip, 0), at(x, 0.75f), colour);
    else
      list.AddTriangleFilled(at(x, 0.75f), at(tip, 0), at(x, -0.75f), colour);
  }
  void chevron(float x, float tip) const {
    list.PathLineTo(at(x, -0.62f));
    list.PathLineTo(at(tip, 0));
    list.PathLineTo(at(x, 0.62f));
    list.PathStroke(colour, ImDrawFlags_None, width() * 1.25f);
  }
  void diamond(float x, float r) const {
    list.AddQuadFilled(at(x, -r), at(x + r, 0), at(x, r), at(x - r, 0), colour);
  }
  void ring(float radius) const { list.AddCircle(centre, radius * unit, colour, 0, width()); }
  void arc(float radius, float from, float to) const {
    list.PathArcTo(centre, radius * unit, from, to, 20);
    list.PathStroke(colour, ImDrawFlags_None, width());
  }
};

constexpr float kPi = 3.14159265f;

void turning_arrow(const Pen& p, float side) {  // side -1: back (undo), +1: forward (redo)
  const ImVec2 a = p.at(side * 0.75f, -0.30f);
  p.list.PathLineTo(a);
  p.list.PathBezierCubicCurveTo(p.at(side * -0.1f, -0.30f), p.at(side * -0.85f, -0.35f),
                                p.at(side * -0.72f, 0.65f), 16);
  p.list.PathStroke(p.colour, ImDrawFlags_None, p.width());
  p.line(side * 0.75f, -0.30f, side * 0.30f, -0.75f);
  p.line(side * 0.75f, -0.30f, side * 0.30f, 0.15f);
}

void sun(const Pen& p) {
  p.list.AddCircleFilled(p.centre, p.unit * 0.40f, p.colour);
  for (int i = 0; i < 8; ++i) {
    const float a = kPi * 0.25f * static_cast<float>(i);
    p.line(std::cos(a) * 0.65f, std::sin(a) * 0.65f, std::cos(a) * 0.92f, std::sin(a) * 0.92f);
  }
}

void moon(const Pen& p) {
  p.list.PathArcTo(p.centre, p.unit * 0.80f, -kPi * 0.30f, kPi * 1.05f, 24);
  p.list.PathBezierCubicCurveTo(p.at(-0.25f, 0.45f), p.at(0.65f, 0.20f), p.at(0.47f, -0.65f), 14);
  p.list.PathStroke(p.colour, ImDrawFlags_Closed, p.width());
}

void sign(const Pen& p) {  // the stroke and dot of ! and i
  p.bar(-0.11f, -0.35f, 0.11f, 0.20f);
  p.bar(-0.12f, 0.36f, 0.12f, 0.58f);
}

}  // namespace

void draw_icon(ImDrawList& list, Icon icon, ImVec2 centre, float size, ImU32 colour) {
  const Pen p{list, centre, size * 0.5f, colour};
  switch (icon) {
    case Icon::First:
      p.bar(-0.72f, -0.62f, -0.50f, 0.62f);
      p.chevron(0.55f, -0.10f);
      break;
    case Icon::Last:
      p.bar(0.50f, -0.62f, 0.72f, 0.62f);
      p.chevron(-0.55f, 0.10f);
      break;
    case Icon::Back:
      p.chevron(0.32f, -0.34f);
      break;
    case Icon::Next:
      p.chevron(-0.32f, 0.34f);
      break;
    case Icon::Play:
      p.triangle(-0.52f, 0.72f);
      break;
    case Icon::Pause:
      p.bar(-0.60f, -0.72f, -0.18f, 0.72f);
      p.bar(0.18f, -0.72f, 0.60f, 0.72f);
      break;
    case Icon::Undo:
      turning_arrow(p, -1);
      break;
    case Icon::Redo:
      turning_arrow(p, 1);
      break;
    case Icon::Sun:
      sun(p);
      break;
    case Icon::Moon:
      moon(p);
      break;
    case Icon::Contrast:
      p.ring(0.78f);
      list.PathArcTo(centre, p.unit * 0.78f, kPi * 0.5f, kPi * 1.5f, 20);
      list.PathFillConvex(colour);
      break;
    case Icon::Help:
      list.PathArcTo(p.at(0, -0.35f), p.unit * 0.42f, -kPi, kPi * 0.35f, 16);
      list.PathLineTo(p.at(0, 0.28f));
      list.PathStroke(colour, ImDrawFlags_None, p.width());
      p.bar(-0.13f, 0.52f, 0.13f, 0.78f);
      break;
    case Icon::Close:
      p.line(-0.5f, -0.5f, 0.5f, 0.5f);
      p.line(-0.5f, 0.5f, 0.5f, -0.5f);
      break;
    case Icon::PreviousHit:
      p.chevron(-0.05f, -0.65f);
      p.diamond(0.48f, 0.34f);
      break;
    case Icon::NextHit:
      p.chevron(0.05f, 0.65f);
      p.diamond(-0.48f, 0.34f);
      break;
    case Icon::ChevronLeft:
      p.chevron(0.25f, -0.25f);
      break;
    case Icon::ChevronRight:
      p.chevron(-0.25f, 0.25f);
      break;
    case Icon::ChevronDown:
      list.PathLineTo(p.at(-0.62f, -0.25f));
      list.PathLineTo(p.at(0, 0.25f));
      list.PathLineTo(p.at(0.62f, -0.25f));
      list.PathStroke(colour, ImDrawFlags_None, p.width() * 1.25f);
      break;
    case Icon::Note:
      p.ring(0.80f);
      p.bar(-0.11f, -0.12f, 0.11f, 0.48f);
      p.bar(-0.12f, -0.50f, 0.12f, -0.28f);
      break;
    case Icon::Warning:
      list.AddTriangle(p.at(0, -0.85f), p.at(0.92f, 0.78f), p.at(-0.92f, 0.78f), colour, p.width());
      sign(p);
      break;
    case Icon::Error:
      p.ring(0.80f);
      p.line(-0.34f, -0.34f, 0.34f, 0.34f);
      p.line(-0.34f, 0.34f, 0.34f, -0.34f);
      break;
    case Icon::Check:
      p.line(-0.6f, 0.05f, -0.15f, 0.5f);
      p.line(-0.15f, 0.5f, 0.65f, -0.5f);
      break;
  }
}

}  // namespace ribostep::ui

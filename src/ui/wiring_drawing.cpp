// The picture of a wiring, by hand: circles read forward, squares in reverse; arrows are what feeds a step,
// arcs where it is not the one before, a double stroke where gradients are cut. Colour only repeats what
// shapes say.
#include "ui/wiring_drawing.h"

#include <algorithm>
#include <cmath>

#include "ui/equation.h"
#include "ui/widgets.h"

namespace ribostep::ui {
namespace {

constexpr float kRow = 27, kLowRow = 25;  // pixels; the lower one when there are many rows
constexpr float kRoom = 54, kGutter = 22, kPadding = 12;
constexpr float kRadius = 6, kArrow = 4.5f;
constexpr float kPasses = 34, kBar = 14;  // below the picture of a circle

class Drawing {
 public:
  Drawing(const Panel& p, const WiringPicture& picture) : p_(p), picture_(picture) {
    const float width = ImGui::GetContentRegionAvail().x;
    at_ = ImGui::GetCursorScreenPos();
    const float rows = picture.top - picture.bottom;
    row_ = rows > 6 ? kLowRow : kRow;
    const bool circle = picture.drawn.circular != rnn::Circular::Linear;
    size_ = ImVec2(width, rows * row_ + 2 * kPadding + ImGui::GetFontSize() + (circle ? kPasses : 0));
    column_ = (width - 2 * kRoom) / static_cast<float>(std::max(picture.steps - 1, 1));
    list_ = ImGui::GetWindowDrawList();
  }

  void draw() {
    const FontScope font(p_.fonts.small);
    list_->AddRectFilled(at_, ImVec2(at_.x + size_.x, at_.y + size_.y), p_.theme.panel_alt, 4);
    list_->PushClipRect(at_, ImVec2(at_.x + size_.x, at_.y + size_.y), true);
    for (const WiringBox& box : picture_.windows) draw_window(box);
    // What flows up lies below what flows along.
    for (const WiringEdge& edge : picture_.edges)
      if (upward(edge.kind)) draw_upward(edge);
    for (const WiringEdge& edge : picture_.edges)
      if (!upward(edge.kind)) draw_along(edge);
    for (const WiringNode& node : picture_.nodes) draw_node(node);
    for (const WiringNote& note : picture_.notes) draw_note(note);
    if (picture_.drawn.circular != rnn::Circular::Linear) draw_passes();
    list_->PopClipRect();
    ImGui::Dummy(size_);
  }

 private:
  static bool upward(WiringEdgeKind kind) {
    return kind == WiringEdgeKind::Input || kind == WiringEdgeKind::Summary ||
           kind == WiringEdgeKind::Readout;
  }
  ImVec2 point(float x, float y) const {
    return ImVec2(at_.x + kRoom + x * column_,
                  at_.y + kPadding + ImGui::GetFontSize() * 0.5f + (picture_.top - y) * row_);
  }
  const WiringNode& node(int index) const { return picture_.nodes[static_cast<std::size_t>(index)]; }
  ImVec2 point(const WiringNode& n) const {
    const ImVec2 at = point(n.x, n.y);
    if (n.kind != WiringNodeKind::Initial) return at;
    // h_0 stands at the rim, however wide the picture is.
    return ImVec2(n.x < 0 ? at_.x + kGutter : at_.x + size_.x - kGutter, at.y);
  }

  void draw_window(const WiringBox& box) const {
    const ImVec2 a = point(box.left, box.top), b = point(box.right, box.bottom);
    list_->AddRect(ImVec2(a.x, a.y), ImVec2(b.x, b.y), p_.theme.text_dim, 4);
  }

  void arrow_head(ImVec2 tip, ImVec2 direction, ImU32 colour) const {
    const float length = std::sqrt(direction.x * direction.x + direction.y * direction.y);
    if (length < 0.01f) return;
    const ImVec2 d(direction.x / length * kArrow, direction.y / length * kArrow);
    list_->AddTriangleFilled(tip, ImVec2(tip.x - d.x * 1.3f - d.y * 0.8f, tip.y - d.y * 1.3f + d.x * 0.8f),
                             ImVec2(tip.x - d.x * 1.3f + d.y * 0.8f, tip.y - d.y * 1.3f - d.x * 0.8f),
                             colour);
  }

  // Two strokes across a line: no gradient passes.
  void cut_mark(ImVec2 at) const {
    for (const float shift : {-2.5f, 2.5f})
      list_->AddLine(ImVec2(at.x + shift - 2, at.y + 6), ImVec2(at.x + shift + 2, at.y - 6), p_.theme.error,
                     1.5f);
  }

  void draw_upward(const WiringEdge& edge) const {
    const WiringNode &from = node(edge.from), &to = node(edge.to);
    const ImVec2 a = point(from), b = point(to);
    const bool text_below = from.kind == WiringNodeKind::Input || from.kind == WiringNodeKind::Complement;
    const float lift = text_below ? ImGui::GetFontSize() * 0.5f : kRadius;
    const bool strong = edge.kind != WiringEdgeKind::Input;
    const ImVec2 start(a.x, a.y - lift), end(b.x, b.y + (to.kind == WiringNodeKind::Output ? 8.0f : kRadius));
    const ImU32 colour = faded(p_.theme.text_dim, strong ? 0.8f : 0.45f);
    list_->AddLine(start, end, colour, 1);
    if (strong) arrow_head(end, ImVec2(end.x - start.x, end.y - start.y), colour);
  }

  void draw_along(const WiringEdge& edge) const {
    const WiringNode &from = node(edge.from), &to = node(edge.to);
    if (edge.kind == WiringEdgeKind::Wrap) return draw_wrap(from, to);
    const ImVec2 a = point(from), b = point(to);
    const bool initial = edge.kind == WiringEdgeKind::Initial;
    const ImU32 colour = initial ? p_.theme.text_dim : p_.theme.accent;
    const float side = b.x >= a.x ? 1.0f : -1.0f;
    const bool next = initial ? to.step == first_step(to) : std::fabs(to.x - from.x) < 1.3f || windowed(to);
    if (initial && restarts(to)) return draw_restart(to, side);
    if (next) {
      const float gap = initial ? initial_width(from) : kRadius;
      const ImVec2 start(a.x + side * gap, a.y), end(b.x - side * (kRadius + 1), b.y);
      list_->AddLine(start, end, colour, 1.5f);
      arrow_head(end, ImVec2(side, 0), colour);
      if (edge.cut) cut_mark(ImVec2((a.x + b.x) * 0.5f, a.y));
      return;
    }
    // An arc over the steps in between.
    const float height = row_ * (0.35f + 0.12f * std::min(std::fabs(to.x - from.x), 4.0f));
    const ImVec2 start(a.x + side * kRadius * 0.5f, a.y - kRadius), end(b.x - side * 2, b.y - kRadius - 1);
    const ImVec2 c1(a.x + side * column_ * 0.3f, a.y - kRadius - height),
        c2(b.x - side * column_ * 0.3f, b.y - kRadius - height);
    list_->AddBezierCubic(start, c1, c2, end, colour, initial ? 1.0f : 1.5f);
    arrow_head(end, ImVec2(end.x - c2.x, end.y - c2.y), colour);
    if (edge.cut) cut_mark(ImVec2((a.x + b.x) * 0.5f, a.y - kRadius - height * 0.75f));
  }

  bool windowed(const WiringNode& n) const { return picture_.drawn.window > 1 && level(n) > 0; }
  int level(const WiringNode& n) const { return n.layer / picture_.drawn.direction_count(); }
  bool reverse(const WiringNode& n) const { return n.layer % picture_.drawn.direction_count() == 1; }
  int first_step(const WiringNode& n) const {
    if (!reverse(n)) return 0;
    int last = 0;
    for (const WiringNode& other : picture_.nodes)
      if (other.layer == n.layer) last = std::max(last, other.step);
    return last;
  }
  // Fed by the initial state although it is not among the first steps read.
  bool restarts(const WiringNode& n) const {
    return !picture_.drawn.window_carry && picture_.drawn.window > 0 && level(n) == 0 &&
           n.step != first_step(n);
  }
  void draw_restart(const WiringNode& to, float side) const {
    const ImVec2 b = point(to);
    const ImVec2 start(b.x - side * column_ * 0.5f, b.y), end(b.x - side * (kRadius + 1), b.y);
    list_->AddCircleFilled(start, 2.5f, p_.theme.text_dim);
    list_->AddLine(start, end, p_.theme.text_dim, 1.5f);
    arrow_head(end, ImVec2(side, 0), p_.theme.text_dim);
  }

  // From the end back to the start, under the row.
  void draw_wrap(const WiringNode& from, const WiringNode& to) const {
    const ImVec2 a = point(from), b = point(to);
    const float side = a.x > b.x ? 1.0f : -1.0f, below = row_ * 0.42f, out = kRadius + 6;
    const ImVec2 path[] = {
        ImVec2(a.x + side * kRadius, a.y),     ImVec2(a.x + side * out, a.y),
        ImVec2(a.x + side * out, a.y + below), ImVec2(b.x - side * out, a.y + below),
        ImVec2(b.x - side * out, b.y + 2),     ImVec2(b.x - side * (kRadius + 1), b.y + 2)};
    for (const ImVec2& each : path) list_->PathLineTo(each);
    list_->PathStroke(p_.theme.cursor, 0, 1.5f);
    arrow_head(path[5], ImVec2(side, 0), p_.theme.cursor);
  }

  float initial_scale(const WiringNode& n) const {
    return std::min(0.9f, 2 * (kGutter - 3) / std::max(equation_width(p_.fonts, n.text), 1.0f));
  }
  float initial_width(const WiringNode& n) const {
    return equation_width(p_.fonts, n.text) * initial_scale(n) * 0.5f + 3;
  }

  void centred(const std::string& words, ImVec2 at, ImU32 colour) const {
    const ImVec2 size = ImGui::CalcTextSize(words.c_str());
    list_->AddText(ImVec2(at.x - size.x * 0.5f, at.y - size.y * 0.5f), colour, words.c_str());
  }

  void draw_node(const WiringNode& n) const {
    const ImVec2 at = point(n);
    const Theme& t = p_.theme;
    switch (n.kind) {
      case WiringNodeKind::Input:
      case WiringNodeKind::Complement:
        if (n.text.empty())
          draw_values(at, n.step);
        else
          centred(n.text, at, n.kind == WiringNodeKind::Input ? t.text : t.text_dim);
        return;
      case WiringNodeKind::State:
        if (reverse(n)) {
          const ImVec2 a(at.x - kRadius, at.y - kRadius), b(at.x + kRadius, at.y + kRadius);
          list_->AddRectFilled(a, b, t.panel, 1.5f);
          list_->AddRect(a, b, t.text, 1.5f, 0, 1.5f);
        } else {
          list_->AddCircleFilled(at, kRadius, t.panel);
          list_->AddCircle(at, kRadius, t.text, 0, 1.5f);
        }
        return;
      case WiringNodeKind::Initial: {
        const float width = equation_width(p_.fonts, n.text), height = equation_height(p_.fonts);
        const float scale = initial_scale(n);
        draw_equation(*list_, p_.fonts, ImVec2(at.x - width * scale * 0.5f, at.y - height * scale * 0.5f),
                      t.text, n.text, scale);
        return;
      }
      case WiringNodeKind::Output: {
        const float width = std::max(ImGui::CalcTextSize(n.text.c_str()).x + 8, 12.0f);
        const ImVec2 a(at.x - width * 0.5f, at.y - 8), b(at.x + width * 0.5f, at.y + 8);
        list_->AddRectFilled(a, b, t.panel, 3);
        list_->AddRect(a, b, t.text, 3);
        centred(n.text, at, t.text);
        return;
      }
    }
  }

  // Numbers per position: three little bars.
  void draw_values(ImVec2 at, int step) const {
    for (int i = 0; i < 3; ++i) {
      const float height = 3 + static_cast<float>((step * 5 + i * 7) % 9);
      const float x = at.x - 6 + 5 * static_cast<float>(i);
      list_->AddRectFilled(ImVec2(x, at.y + 6 - height), ImVec2(x + 3, at.y + 6), p_.theme.text);
    }
  }

  void draw_note(const WiringNote& note) const {
    const ImVec2 size = ImGui::CalcTextSize(note.text.c_str());
    list_->AddText(ImVec2(at_.x + size_.x - size.x - 5, point(0, note.y).y - size.y * 0.5f),
                   p_.theme.text_dim, note.text.c_str());
  }

  // How often the circle is read, and what of it is scored.
  void draw_passes() const {
    const Theme& t = p_.theme;
    const float left = point(0, 0).x - column_ * 0.4f;
    const float right = point(static_cast<float>(picture_.steps - 1), 0).x + column_ * 0.4f;
    const float y = at_.y + size_.y - kPasses + 4;
    const auto bar = [&](float from, float to, float top, const char* words, bool scored) {
      const ImVec2 a(from, top), b(to, top + kBar);
      if (scored) list_->AddRectFilled(a, b, mixed(t.panel_alt, t.accent, 0.25f), 2);
      list_->AddRect(a, b, t.text_dim, 2);
      const ImVec2 size = ImGui::CalcTextSize(words);
      list_->AddText(ImVec2((from + to - size.x) * 0.5f, top + (kBar - size.y) * 0.5f), t.text, words);
    };
    const float middle = (left + right) * 0.5f;
    switch (picture_.drawn.circular) {
      case rnn::Circular::Linear:
        return;
      case rnn::Circular::TwoPass:
        bar(left, right, y - 4, "pass 1", false);
        bar(left, right, y + 12, "pass 2, scored", true);
        return;
      case rnn::Circular::Doubled: {
        const bool two = picture_.drawn.direction_count() > 1;
        bar(left, middle, y + 3, two ? "first half" : "first copy", two);
        bar(middle, right, y + 3, "scored", true);
        return;
      }
      case rnn::Circular::FixedPoint:
        bar(left, right, y - 4, "pass 1, 2, 3 ...", false);
        bar(left, right, y + 12, "until it settles, scored", true);
        return;
    }
  }

  const Panel& p_;
  const WiringPicture& picture_;
  ImDrawList* list_;
  ImVec2 at_, size_;
  float row_ = kRow, column_ = 1;
};

}  // namespace

void draw_wiring(const Panel& p, const WiringPicture& picture) { Drawing(p, picture).draw(); }

}  // namespace ribostep::ui

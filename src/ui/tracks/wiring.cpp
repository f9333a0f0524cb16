// A thin row that shows what the model makes of the axis: where its windows and codons end, where training
// cuts the gradient, and that a circle has no end.
#include <algorithm>
#include <cmath>

#include "session/step_words.h"
#include "ui/track.h"

namespace ribostep::ui {
namespace {

constexpr float kLeastBox = 5;  // pixels under which boxes are not told apart

struct Marks {
  int letters = 1;  // of a step of the first level
  int box = 0;      // letters of a window, or of a codon; 0: none
  bool windows = false;
  int cut = 0;  // letters from one cut of the gradient to the next; 0: none
  bool restarts = false;
  bool circle = false;
  bool any() const { return box > 0 || cut > 0 || circle; }
};

Marks marks_of(const rnn::ModelSpec& spec) {
  Marks m;
  m.letters = spec.letters_per_step();
  m.windows = spec.window > 1;
  m.box = m.windows ? spec.window * m.letters : m.letters > 1 ? m.letters : 0;
  m.cut = spec.truncate * m.letters;
  m.restarts = m.windows && !spec.window_carry;
  m.circle = spec.circular != rnn::Circular::Linear;
  return m;
}

class WiringTrack final : public Track {
 public:
  std::string key() const override { return "wiring"; }
  std::string title() const override { return "Wiring"; }
  bool present(const session::Session& session) const override {
    return marks_of(session.network().spec).any();
  }
  float height() const override { return 18; }

  void draw(const TrackContext& context, const Area& area) override {
    const Marks m = marks_of(context.session.network().spec);
    const float right = std::min(area.max.x, context.axis.x_of(context.axis.length));
    context.draw.AddRectFilled(area.min, ImVec2(right, area.max.y), context.theme.panel_alt);
    if (m.box > 0) draw_boxes(context, area, right, m);
    if (m.cut > 0) draw_cuts(context, area, m.cut);
    if (m.circle) draw_circle(context, area);
  }

  std::string value_at(const session::Session& session, int position, float) const override {
    const rnn::Network& network = session.network();
    const Marks m = marks_of(network.spec);
    if (position < 1 || position > session.length()) return {};
    const std::string unit = network.spec.input == rnn::Input::Values ? "position" : "letter";
    std::string text;
    const auto line = [&](const std::string& words) { text += (text.empty() ? "" : "\n") + words; };
    const int read = session.length() / m.letters * m.letters;
    if (position > read) {
      line("behind the last whole codon: not read");
    } else {
      if (m.letters > 1) line(session::step_name(network, 0, session.length(), (position - 1) / m.letters));
      if (m.windows) {
        line(session::step_name(network, 1, session.length(), (position - 1) / m.box));
        line(m.restarts ? "the state starts anew in every window"
                        : "the state carries on from window to window");
      }
    }
    if (m.cut > 0) {
      const int begin = (position - 1) / m.cut * m.cut;
      line("training sends gradients along " + unit + "s " + std::to_string(begin + 1) + "–" +
           std::to_string(std::min(begin + m.cut, session.length())) + " only: cut every " +
           std::to_string(network.spec.truncate) + " steps");
    }
    if (m.circle)
      line("a circle: " + unit + " 1 follows " + unit + " " + std::to_string(session.length()) +
           passes(session));
    return text;
  }

 private:
  static std::string passes(const session::Session& session) {
    const rnn::Trace* trace = session.trace();
    if (!trace || session.network().spec.circular != rnn::Circular::FixedPoint) return {};
    const std::string count = std::to_string(trace->passes);
    return trace->settled ? ", settled after " + count + " passes"
                          : ", not settled after " + count + " passes";
  }

  // Boxes side by side, every other one shaded, numbered where there is room.
  void draw_boxes(const TrackContext& context, const Area& area, float right, const Marks& m) const {
    const Axis& axis = context.axis;
    const float wide = axis.pixels_per_letter() * static_cast<float>(m.box);
    if (wide < kLeastBox) {
      context.draw.AddRectFilled(area.min, ImVec2(right, area.max.y), context.theme.grid);
      return;
    }
    ImFont* font = context.fonts.small;
    const int read = axis.length / m.letters * m.letters;
    for (int i = axis.begin_index() / m.box; i * m.box < std::min(axis.end_index(), read); ++i) {
      const float x0 = axis.x_of(i * m.box), x1 = axis.x_of(std::min((i + 1) * m.box, read));
      if (i % 2 == 1)
        context.draw.AddRectFilled(ImVec2(x0, area.min.y), ImVec2(x1, area.max.y), context.theme.grid);
      context.draw.AddLine(ImVec2(x1, area.min.y), ImVec2(x1, area.max.y), context.theme.text_dim);
      const std::string number = std::to_string(i + 1);
      const float text = font->CalcTextSizeA(font->FontSize, 1e9f, 0, number.c_str()).x;
      if (text + 6 <= x1 - x0)
        context.draw.AddText(font, font->FontSize,
                             ImVec2((x0 + x1 - text) / 2, (area.min.y + area.max.y - font->FontSize) / 2),
                             context.theme.text_dim, number.c_str());
    }
  }

  // Two short strokes, as a wire that was cut.
  void draw_cuts(const TrackContext& context, const Area& area, int every) const {
    const Axis& axis = context.axis;
    const ImU32 colour = context.theme.warning;
    if (axis.pixels_per_letter() * static_cast<float>(every) < kLeastBox) {
      context.draw.AddLine(ImVec2(area.min.x, area.max.y - 1), ImVec2(area.max.x, area.max.y - 1), colour);
      return;
    }
    for (int i = std::max(1, axis.begin_index() / every); i * every < axis.end_index(); ++i) {
      const float x = axis.x_of(i * every);
      for (const float side : {-1.5f, 1.5f})
        context.draw.AddLine(ImVec2(x + side - 2, area.max.y), ImVec2(x + side + 2, area.min.y), colour,
                             1.3f);
    }
  }

  // An arrow out on the right, in on the left.
  void draw_circle(const TrackContext& context, const Area& area) const {
    const Axis& axis = context.axis;
    const float middle = (area.min.y + area.max.y) / 2;
    const ImU32 colour = context.theme.accent;
    for (const double letter : {0.0, static_cast<double>(axis.length)}) {
      const float end = axis.x_of(letter);
      if (end < area.min.x - 1 || end > area.max.x + 1) continue;
      const float from = letter > 0 ? end - 14 : end;
      context.draw.AddLine(ImVec2(from, middle), ImVec2(from + 10, middle), colour, 1.6f);
      context.draw.AddTriangleFilled(ImVec2(from + 9, middle - 4), ImVec2(from + 9, middle + 4),
                                     ImVec2(from + 14, middle), colour);
    }
  }
};

}  // namespace

std::shared_ptr<Track> make_wiring_track() { return std::make_shared<WiringTrack>(); }

}  // namespace ribostep::ui

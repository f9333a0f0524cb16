// What the network says while it reads: a line per class for sequence labels, stacked shares for labels per
// position and for the next symbol, there with its entropy. The next vector of a series is in values.cpp.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "session/step_words.h"
#include "ui/heatmap.h"
#include "ui/readout.h"
#include "ui/tracks/difference.h"

namespace ribostep::ui {
namespace {

constexpr int kMostLines = 6;  // more classes than this are stacked

// By letter: all letters of a codon show the row of their codon.
class ProbabilitySource final : public LodSource {
 public:
  explicit ProbabilitySource(const rnn::Trace& trace) : trace_(trace) {}
  int rows() const override { return trace_.outputs; }
  int length() const override { return trace_.length; }
  void read(int t, float* out) const override {
    const int row = trace_.row_of(t);
    for (int k = 0; k < trace_.outputs; ++k) out[k] = trace_.p(row, k);
  }

 private:
  const rnn::Trace& trace_;
};

// Of a letter, counted from 0.
std::span<const float> row(const rnn::Trace& trace, int letter) {
  const auto k = static_cast<std::size_t>(trace.outputs);
  return std::span<const float>(trace.probabilities)
      .subspan(static_cast<std::size_t>(trace.row_of(letter)) * k, k);
}

std::string shortened_to(const FontSet& fonts, std::string text, float width) {
  const auto fits = [&](const std::string& s) {
    return fonts.small->CalcTextSizeA(fonts.small->FontSize, 1e9f, 0, s.c_str()).x <= width;
  };
  if (fits(text)) return text;
  // Whole UTF-8 letters only.
  while (!text.empty() && !fits(text + "…")) {
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0u) == 0x80u) text.pop_back();
    if (!text.empty()) text.pop_back();
  }
  return text + "…";
}

class OutputTrack final : public Track {
 public:
  OutputTrack(int texture, const rnn::ModelSpec& spec) : picture_(texture), spec_(spec) {}
  std::string key() const override { return "output"; }
  std::string title() const override {
    return spec_.task == rnn::Task::NextSymbol ? "P(x_{t+1})" : "P(class)";
  }
  std::string note(const session::Session& session) const override {
    ghost_ = ghost_of_outputs(session);
    if (!ghost_) return {};
    const std::string what = session.compare().reference_word();
    return (spec_.outputs() > kMostLines && spec_.task != rnn::Task::NextSymbol ? "hover: " : "dashed: ") +
           (what == "original" ? "given" : what);  // the column is narrow
  }
  // Room for a legend of up to eight classes, and for the note that comes with a ghost.
  float height() const override {
    const auto entries = static_cast<float>(spec_.task == rnn::Task::NextSymbol ? 1 : spec_.outputs());
    return entries > 8 ? 72 : std::max(62.0f, 24 + entries * 13.5f + (ghost_ ? 15.0f : 0.0f));
  }

  void draw(const TrackContext& context, const Area& area) override {
    const rnn::Trace* trace = context.session.trace();
    if (trace && (trace->outputs != spec_.outputs() || trace->rows <= 0)) trace = nullptr;
    const bool lines = as_lines();
    const float right = std::min(area.max.x, context.axis.x_of(context.axis.length));
    context.draw.AddRectFilled(area.min, ImVec2(right, area.max.y), context.theme.panel_alt);
    if (!trace) {
      if (!lines) picture_.draw_stack(context, nullptr, area, colours(context));
      return;
    }
    const ProbabilitySource source(*trace);
    picture_.update(context, source, context.session.trace_serial(), {0, 1}, Reduce::Mean);
    if (lines) {
      for (const float share : {0.25f, 0.5f, 0.75f}) {
        const float y = std::round(area.max.y - share * area.height()) + 0.5f;
        context.draw.AddLine(ImVec2(area.min.x, y), ImVec2(right, y), context.theme.grid);
      }
      draw_lines(context, source, area);
    } else {
      picture_.draw_stack(context, &source, area, colours(context));
      if (spec_.task == rnn::Task::NextSymbol) draw_entropy(context, *trace, area);
    }
    if (ghost_of_outputs(context.session)) draw_ghosts(context, area);
  }

  void draw_legend(const TrackContext& context, const Area& area) override {
    const std::vector<std::string>& names = context.session.output_names();
    if (names.size() > 8 || spec_.task == rnn::Task::NextSymbol) {
      if (spec_.task == rnn::Task::NextSymbol) {
        context.draw.AddText(context.fonts.small, context.fonts.small->FontSize, area.min,
                             context.theme.text_dim, "line: entropy");
      }
      return;
    }
    const float line = context.fonts.small->FontSize + 1;
    const std::vector<std::uint32_t> fills = colours(context);
    float y = area.min.y;
    const std::size_t count = std::min(names.size(), fills.size());
    for (std::size_t i = 0; i < count && y + line <= area.max.y + 3; ++i, y += line) {
      const std::size_t k = as_lines() ? i : count - 1 - i;  // a stack's last share is on top
      context.draw.AddRectFilled(ImVec2(area.min.x, y + 3), ImVec2(area.min.x + 8, y + line - 3), fills[k],
                                 1);
      const std::string name = shortened_to(context.fonts, names[k], area.width() - 12);
      context.draw.AddText(context.fonts.small, context.fonts.small->FontSize, ImVec2(area.min.x + 12, y),
                           context.theme.text_dim, name.c_str());
    }
  }

  std::string value_at(const session::Session& session, int position, float) const override {
    const rnn::Trace* trace = session.trace();
    if (!trace || trace->rows <= 0) return {};
    if (position < 1 || position > trace->length) return "no output before the first letter";
    const std::span<const float> p = row(*trace, position - 1);
    const int at = trace->row_of(position - 1);
    const int level = spec_.task == rnn::Task::SequenceLabel ? spec_.layers - 1 : 0;
    const std::string place = trace->letters_per_row > 1
                                  ? session::step_name(session.network(), level, session.length(), at)
                                  : "position " + std::to_string(position);
    std::string text;
    if (spec_.task == rnn::Task::SequenceLabel) {
      text = spec_.direction_count() > 1 ? "for the whole sequence" : "if it ended at " + place;
    } else if (spec_.task == rnn::Task::PositionLabel) {
      text = place;
    } else {
      text = "after " + place;
      const std::string next = next_symbol(*trace, session.letters(), at);
      if (!next.empty()) text += ", next is " + next;
    }
    if (ghost_of_outputs(session))
      text += beside(session, position, p);
    else
      text += '\n' + list_probabilities(p, session.output_names(), 6);
    if (spec_.task == rnn::Task::NextSymbol) {
      std::array<char, 48> entropy{};
      std::snprintf(entropy.data(), entropy.size(), "\nentropy %.3f of %.3f bits", entropy_bits(p),
                    std::log2(static_cast<double>(spec_.outputs())));
      text += entropy.data();
    }
    return text;
  }
  void forget(TextureStore& textures) override { picture_.forget(textures); }
  // The shares, and beside them those of the reference while its ghost is on show.
  bool values(const session::Session& session, TrackValues& out) const override {
    const rnn::Trace* trace = session.trace();
    if (!trace || trace->outputs != spec_.outputs() || trace->rows <= 0) return false;
    const bool ghost = ghost_of_outputs(session);
    out.kind = as_lines() ? TrackValues::Kind::Lines : TrackValues::Kind::Shares;
    out.low = 0;
    out.high = 1;
    const bool with_ghost = ghost && as_lines();
    for (int round = 0; round < (with_ghost ? 2 : 1); ++round)
      for (int k = 0; k < spec_.outputs(); ++k) {
        const auto i = static_cast<std::size_t>(k);
        const std::string name =
            i < session.output_names().size() ? session.output_names()[i] : std::to_string(k + 1);
        out.names.push_back("p(" + name + ")" +
                            (round ? std::string(" of the ") + session.compare().reference_word() : ""));
        out.colours.push_back(round ? faded(class_colour(k, false), 0.5f) : colour_of(session, k));
      }
    out.read = [this, &session, trace, with_ghost](int letter, double* numbers) {
      const int n = spec_.outputs();
      const float* now = session::outputs_at(*trace, letter + 1);
      const session::Compare& compare = session.compare();
      const float* then =
          with_ghost ? session::outputs_at(*compare.reference(), compare.reference_position(letter + 1))
                     : nullptr;
      for (int k = 0; k < n; ++k) {
        numbers[k] = now ? static_cast<double>(now[k]) : std::nan("");
        if (with_ghost) numbers[n + k] = then ? static_cast<double>(then[k]) : std::nan("");
      }
    };
    return true;
  }

 private:
  bool as_lines() const { return spec_.task == rnn::Task::SequenceLabel && spec_.outputs() <= kMostLines; }

  ImU32 colour_of(const session::Session& session, int k, bool dark = false) const {
    const bio::Alphabet& alphabet = session.data().alphabet();
    const bool symbol = spec_.task == rnn::Task::NextSymbol && spec_.outputs() == alphabet.size();
    return symbol ? letter_colour(alphabet.symbols[static_cast<std::size_t>(k)], alphabet, dark)
                  : class_colour(k, dark);
  }
  std::vector<std::uint32_t> colours(const TrackContext& context) const {
    std::vector<std::uint32_t> result;
    for (int k = 0; k < spec_.outputs(); ++k)
      result.push_back(colour_of(context.session, k, context.theme.dark));
    return result;
  }

  void draw_lines(const TrackContext& context, const ProbabilitySource& source, const Area& area) const {
    const Axis& axis = context.axis;
    const CellWindow window = window_for(axis);
    const auto columns = static_cast<std::size_t>(window.count);
    std::vector<std::uint8_t> bytes(columns * static_cast<std::size_t>(source.rows()));
    picture_.pyramid().fill(source, window.level, window.begin, window.count, bytes.data());
    const double size = std::ldexp(1.0, window.level);
    context.draw.PushClipRect(area.min, area.max, true);
    std::vector<ImVec2> points(columns);
    // The last class first, so that class 0 lies on top; with two classes they mirror each other.
    for (int k = source.rows() - 1; k >= 0; --k) {
      for (std::size_t i = 0; i < columns; ++i) {
        const float share = static_cast<float>(bytes[static_cast<std::size_t>(k) * columns + i]) / 255.0f;
        points[i].x = axis.x_of((window.begin + static_cast<double>(i) + 0.5) * size);
        points[i].y = area.max.y - 1.5f - share * (area.height() - 3);
      }
      context.draw.AddPolyline(points.data(), window.count, class_colour(k, context.theme.dark), 0, 1.6f);
    }
    context.draw.PopClipRect();
  }

  // Class by class what is said now, what the reference says at the position that belongs to this one, and
  // the difference.
  static std::string beside(const session::Session& session, int position, std::span<const float> p) {
    const session::Compare& compare = session.compare();
    const float* then = session::outputs_at(*compare.reference(), compare.reference_position(position));
    const std::string word = compare.reference_word();
    if (!then)
      return '\n' + list_probabilities(p, session.output_names(), 6) + "\nthe " + word + " has none here";
    std::string text = "\nnow, the " + word + " " + counterpart_words(session, position) + ", difference";
    const std::vector<int> order = by_probability(p);
    for (std::size_t i = 0; i < std::min<std::size_t>(6, order.size()); ++i) {
      const auto k = static_cast<std::size_t>(order[i]);
      const double now = static_cast<double>(p[k]), before = static_cast<double>(then[k]);
      std::array<char, 64> numbers{};
      std::snprintf(numbers.data(), numbers.size(), "  %.3f  %.3f  %s%.3f", now, before,
                    now < before ? "−" : "+", std::fabs(now - before));
      text += '\n' + (k < session.output_names().size() ? session.output_names()[k] : std::to_string(k + 1)) +
              numbers.data();
    }
    return text;
  }

  // What the reference says, dashed: its lines, or where the shares of few classes meet, or its entropy.
  void draw_ghosts(const TrackContext& context, const Area& area) const {
    const session::Compare& compare = context.session.compare();
    const rnn::Trace& then = *compare.reference();
    const auto at = [&](int letter) {
      return session::outputs_at(then, compare.reference_position(letter + 1));
    };
    if (spec_.task == rnn::Task::NextSymbol) {
      const double most = std::log2(static_cast<double>(std::max(then.outputs, 2)));
      const auto entropy = [&](int letter) {
        const float* p = at(letter);
        return p ? entropy_bits({p, static_cast<std::size_t>(then.outputs)}) / most : std::nan("");
      };
      return draw_ghost(context, area, entropy, 0, 1, context.theme.text);
    }
    if (spec_.outputs() > kMostLines) return;
    const int lines = as_lines() ? spec_.outputs() : spec_.outputs() - 1;
    for (int k = 0; k < lines; ++k) {
      const auto value = [&](int letter) {
        const float* p = at(letter);
        if (!p) return std::nan("");
        double sum = 0;
        for (int i = as_lines() ? k : 0; i <= k; ++i) sum += static_cast<double>(p[i]);
        return sum;
      };
      draw_ghost(context, area, value, 0, 1,
                 as_lines() ? class_colour(k, context.theme.dark) : context.theme.text);
    }
  }

  // One value per pixel column at most: the entropy at its middle letter.
  void draw_entropy(const TrackContext& context, const rnn::Trace& trace, const Area& area) const {
    const Axis& axis = context.axis;
    const double most = std::log2(static_cast<double>(std::max(trace.outputs, 2)));
    const double step = std::max(1.0, 2 * axis.span / static_cast<double>(axis.width));
    std::vector<ImVec2> points;
    for (double t = std::floor(axis.first / step) * step; t < axis.first + axis.span + step; t += step) {
      const int i = static_cast<int>(t + step / 2);
      if (i < 0 || i >= trace.length) continue;
      const auto share = static_cast<float>(entropy_bits(row(trace, i)) / most);
      points.push_back(ImVec2(axis.x_of(i + 0.5), area.max.y - 1.5f - share * (area.height() - 3)));
    }
    context.draw.PushClipRect(area.min, area.max, true);
    const int count = static_cast<int>(points.size());
    context.draw.AddPolyline(points.data(), count, context.theme.panel, 0, 3.5f);
    context.draw.AddPolyline(points.data(), count, context.theme.text, 0, 1.5f);
    context.draw.PopClipRect();
  }

  Heatmap picture_;
  rnn::ModelSpec spec_;
  mutable bool ghost_ = false;  // as the last frame found
};

}  // namespace

std::shared_ptr<Track> make_output_track(int texture, const rnn::ModelSpec& spec) {
  if (spec.task == rnn::Task::NextVector) return make_next_values_track(spec);
  return std::make_shared<OutputTrack>(texture, spec);
}

}  // namespace ribostep::ui

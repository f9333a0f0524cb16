// The strand triptych: the same letters in the same columns, read in three ways. What is drawn in a column is
// what that run knew when it had just read the letter there; a row read from the other end is mirrored so.
#include "ui/tracks/strands.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "session/compare.h"
#include "ui/heatmap.h"

namespace ribostep::ui {
namespace {

using session::Compare;

constexpr float kLetterWidth = 7;

// The probability of the chosen output at a position of a run; NaN: none.
double output_of(const session::Session& session, int strand, const rnn::Trace& trace,
                 const StrandChoice& choice, int position) {
  const Compare& compare = session.compare();
  const float* p = session::outputs_at(trace, compare.strand_position(strand, position));
  if (!p || choice.output == -2) return std::nan("");
  if (choice.output >= 0)
    return choice.output < trace.outputs ? static_cast<double>(p[choice.output]) : std::nan("");
  // In the direction of reading the next letter stands to the left where the run comes from the right.
  const int next = strand == 0 ? position + 1 : position - 1;
  if (next < 1 || next > session.length()) return std::nan("");
  const bio::Alphabet& alphabet = session.data().alphabet();
  const int token = alphabet.token(compare.strand_letters(strand)[static_cast<std::size_t>(next - 1)]);
  return alphabet.is_symbol(token) && trace.outputs == alphabet.size() ? static_cast<double>(p[token])
                                                                       : std::nan("");
}

float state_of(const session::Session& session, int strand, const rnn::Trace& trace,
               const StrandChoice& choice, int position) {
  const rnn::LayerTrace& layer = trace.layers[static_cast<std::size_t>(choice.layer)];
  return layer.steps > 0
             ? layer.h(layer.step_of(session.compare().strand_position(strand, position) - 1), choice.unit)
             : 0.0f;
}

// p and h as one picture: p from -1 to 1, h over the largest size it has.
class StrandSource final : public LodSource {
 public:
  StrandSource(const session::Session& session, int strand, const rnn::Trace& trace,
               const StrandChoice& choice, float scale)
      : session_(session), strand_(strand), trace_(trace), choice_(choice), scale_(scale) {}
  int rows() const override { return 2; }
  int length() const override { return trace_.length; }
  void read(int t, float* out) const override {
    const double p = output_of(session_, strand_, trace_, choice_, t + 1);
    out[0] = std::isfinite(p) ? static_cast<float>(2 * p - 1) : -1;
    out[1] = state_of(session_, strand_, trace_, choice_, t + 1) / scale_;
  }

 private:
  const session::Session& session_;
  int strand_;
  const rnn::Trace& trace_;
  const StrandChoice& choice_;
  float scale_;
};

class StrandTrack final : public Track {
 public:
  StrandTrack(int texture, int strand) : picture_(texture), strand_(strand) {}
  std::string key() const override { return std::string("strand ") + Compare::strand_name(strand_); }
  std::string group() const override { return "Strands: rows read from the right are mirrored"; }
  std::string title() const override {
    return strand_ == 0 ? "forward" : strand_ == 1 ? "reversed" : "revcomp";
  }
  std::string note(const session::Session& session) const override {
    const rnn::Trace* trace = session.compare().strand(strand_);
    if (!trace) return "…";
    const char* way = strand_ == 0 ? "→" : "←";
    const auto k = static_cast<std::size_t>(std::max(choice_.output, 0));
    if (session.network().spec.task != rnn::Task::SequenceLabel || k >= trace->final_probabilities.size())
      return way;
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), "%s p %.2f", way,
                  static_cast<double>(trace->final_probabilities[k]));
    return text.data();
  }
  float height() const override { return 76; }
  bool present(const session::Session& session) const override {
    const Compare& compare = session.compare();
    return compare.strands() && strand_ < compare.strand_count();
  }

  void draw(const TrackContext& context, const Area& area) override {
    const Compare& compare = context.session.compare();
    choice_ = strand_choice(context.session, context.ui.compare);
    const float right = std::min(area.max.x, context.axis.x_of(context.axis.length));
    const bool letters =
        context.axis.pixels_per_letter() >= kLetterWidth && !context.session.data().alphabet().is_series();
    const Area plot{ImVec2(area.min.x, area.min.y + (letters ? 16.0f : 0.0f)), area.max};
    context.draw.AddRectFilled(plot.min, ImVec2(right, plot.max.y), context.theme.panel_alt);
    const float middle = std::round((plot.min.y + plot.max.y) / 2) + 0.5f;
    context.draw.AddLine(ImVec2(plot.min.x, middle), ImVec2(right, middle), context.theme.grid);
    if (letters) draw_letters(context, area, plot.min.y - 1);
    const rnn::Trace* trace = compare.strand(strand_);
    if (!trace || choice_.layer >= static_cast<int>(trace->layers.size()) ||
        choice_.unit >= trace->layers[static_cast<std::size_t>(choice_.layer)].hidden)
      return;
    draw_lines(context, *trace, plot);
  }

  void draw_legend(const TrackContext& context, const Area& area) override {
    const float line = context.fonts.small->FontSize + 1;
    float y = area.min.y;
    const auto entry = [&](const std::string& words, ImU32 colour) {
      if (y + line > area.max.y + 4) return;
      context.draw.AddLine(ImVec2(area.min.x, y + line / 2), ImVec2(area.min.x + 10, y + line / 2), colour,
                           1.6f);
      context.draw.AddText(context.fonts.small, context.fonts.small->FontSize, ImVec2(area.min.x + 14, y),
                           context.theme.text_dim, words.c_str());
      y += line;
    };
    if (choice_.output != -2) entry(output_name(context.session), context.theme.accent);
    entry("h[" + std::to_string(choice_.unit) + "]", context.theme.text_dim);
  }

  std::string value_at(const session::Session& session, int position, float) const override {
    const Compare& compare = session.compare();
    const rnn::Trace* trace = compare.strand(strand_);
    if (!trace || position < 1 || position > session.length()) return {};
    const int read = compare.strand_position(strand_, position);
    std::string text = std::string(Compare::strand_name(strand_)) + ": ";
    if (!session.data().alphabet().is_series())
      text += std::string(1, compare.strand_letters(strand_)[static_cast<std::size_t>(position - 1)]) +
              " is read as number " + std::to_string(read);
    else
      text += "position " + std::to_string(position) + " is read as number " + std::to_string(read);
    if (strand_ > 0) text += " (this row is read from right to left)";
    std::array<char, 64> number{};
    const double p = output_of(session, strand_, *trace, choice_, position);
    if (std::isfinite(p)) {
      std::snprintf(number.data(), number.size(), " = %.4f", p);
      text += "\n" + output_name(session) + number.data();
    }
    if (choice_.layer < static_cast<int>(trace->layers.size()) &&
        choice_.unit < trace->layers[static_cast<std::size_t>(choice_.layer)].hidden) {
      std::snprintf(number.data(), number.size(), "\nh[%d] = %.6g", choice_.unit,
                    static_cast<double>(state_of(session, strand_, *trace, choice_, position)));
      text += number.data();
    }
    return text;
  }
  void forget(TextureStore& textures) override { picture_.forget(textures); }
  bool values(const session::Session& session, TrackValues& out) const override {
    const rnn::Trace* trace = session.compare().strand(strand_);
    if (!trace || choice_.layer >= static_cast<int>(trace->layers.size())) return false;
    const std::string way = std::string(", ") + Compare::strand_name(strand_);
    out.kind = TrackValues::Kind::Lines;
    out.names = {output_name(session) + way, "h[" + std::to_string(choice_.unit) + "]" + way};
    out.colours = {class_colour(0, false), class_colour(1, false)};
    out.read = [this, &session, trace](int letter, double* numbers) {
      numbers[0] = output_of(session, strand_, *trace, choice_, letter + 1);
      numbers[1] = static_cast<double>(state_of(session, strand_, *trace, choice_, letter + 1));
    };
    return true;
  }

 private:
  std::string output_name(const session::Session& session) const {
    if (choice_.output < 0) return "p(next letter)";
    const auto k = static_cast<std::size_t>(choice_.output);
    return "p(" + (k < session.output_names().size() ? session.output_names()[k] : std::to_string(k + 1)) +
           ")";
  }

  void draw_letters(const TrackContext& context, const Area& area, float bottom) const {
    const Axis& axis = context.axis;
    const std::string& letters = context.session.compare().strand_letters(strand_);
    const bio::Alphabet& alphabet = context.session.data().alphabet();
    const float gap = axis.pixels_per_letter() >= 10 ? 0.5f : 0.0f;
    ImFont* font = context.fonts.mono_small;
    for (int t = axis.begin_index(); t < axis.end_index() && t < static_cast<int>(letters.size()); ++t) {
      const std::array<char, 2> text{letters[static_cast<std::size_t>(t)], 0};
      const float x0 = axis.x_of(t), x1 = axis.x_of(t + 1);
      const ImU32 fill = letter_colour(text[0], alphabet, context.theme.dark);
      context.draw.AddRectFilled(ImVec2(x0 + gap, area.min.y), ImVec2(x1 - gap, bottom), fill);
      const ImVec2 size = font->CalcTextSizeA(font->FontSize, 1e9f, 0, text.data());
      context.draw.AddText(font, font->FontSize,
                           ImVec2((x0 + x1 - size.x) / 2, (area.min.y + bottom - size.y) / 2), ink_on(fill),
                           text.data());
    }
  }

  void draw_lines(const TrackContext& context, const rnn::Trace& trace, const Area& plot) {
    const std::uint64_t serial = context.session.compare().strand_serial(strand_);
    if (serial != serial_ || !(choice_ == drawn_)) {
      serial_ = serial;
      drawn_ = choice_;
      ++name_;
      const rnn::LayerTrace& layer = trace.layers[static_cast<std::size_t>(choice_.layer)];
      // About 4,000 steps tell the scale of a state that is not bounded by a squashing function.
      scale_ = 1;
      if (context.session.network().layers[static_cast<std::size_t>(choice_.layer)].cell ==
          rnn::CellKind::ElmanRelu)
        for (int t = 0; t < layer.steps; t += std::max(1, layer.steps / 4096))
          scale_ = std::max(scale_, std::fabs(layer.h(t, choice_.unit)));
    }
    const StrandSource source(context.session, strand_, trace, drawn_, scale_);
    picture_.update(context, source, name_, {-1, 1}, Reduce::Mean);
    const Axis& axis = context.axis;
    const CellWindow window = window_for(axis);
    const auto columns = static_cast<std::size_t>(window.count);
    std::vector<std::uint8_t> bytes(columns * 2);
    picture_.pyramid().fill(source, window.level, window.begin, window.count, bytes.data());
    const double size = std::ldexp(1.0, window.level);
    std::vector<ImVec2> points(columns);
    context.draw.PushClipRect(plot.min, plot.max, true);
    for (std::size_t row = 2; row-- > 0;) {
      if (row == 0 && choice_.output == -2) continue;
      for (std::size_t i = 0; i < columns; ++i) {
        const float share = static_cast<float>(bytes[row * columns + i]) / 255.0f;
        points[i].x = axis.x_of((window.begin + static_cast<double>(i) + 0.5) * size);
        points[i].y = plot.max.y - 1.5f - share * (plot.height() - 3);
      }
      context.draw.AddPolyline(points.data(), window.count,
                               row == 0 ? context.theme.accent : context.theme.text_dim, 0,
                               row == 0 ? 1.8f : 1.1f);
    }
    context.draw.PopClipRect();
  }

  Heatmap picture_;
  int strand_;
  StrandChoice choice_, drawn_;  // what the last frame chose; what the picture is of
  std::uint64_t serial_ = 0, name_ = 0;
  float scale_ = 1;
};

}  // namespace

StrandChoice strand_choice(const session::Session& session, const CompareState& state) {
  const rnn::Network& network = session.network();
  StrandChoice choice;
  const int layers = static_cast<int>(network.layers.size());
  choice.layer = state.strand_layer >= 0 && state.strand_layer < layers ? state.strand_layer : layers - 1;
  choice.unit =
      std::clamp(state.strand_unit, 0, network.layers[static_cast<std::size_t>(choice.layer)].hidden - 1);
  const rnn::ModelSpec& spec = network.spec;
  if (spec.task == rnn::Task::NextVector) return choice;
  if (state.strand_class >= 0 && state.strand_class < spec.outputs())
    choice.output = state.strand_class;
  else if (spec.task == rnn::Task::NextSymbol)
    choice.output = -1;
  else if (const rnn::Trace* trace = session.trace(); trace && !trace->final_probabilities.empty())
    choice.output = static_cast<int>(
        std::max_element(trace->final_probabilities.begin(), trace->final_probabilities.end()) -
        trace->final_probabilities.begin());
  else
    choice.output = 0;
  return choice;
}

std::shared_ptr<Track> make_strand_track(int texture, int strand) {
  return std::make_shared<StrandTrack>(texture, strand);
}

}  // namespace ribostep::ui

// What a layer does along the sequence: h_t, its gates and c_t, each as a heat map of units by positions; or
// how far it lies from what it is compared with.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "session/step_words.h"
#include "ui/equation.h"
#include "ui/heatmap.h"
#include "ui/tracks/difference.h"

namespace ribostep::ui {
namespace {

using session::Quantity;

// One array of a layer's trace, by letter: all letters of a codon or a window show the step that reads them.
class TraceSource final : public LodSource {
 public:
  TraceSource(const rnn::Trace& trace, const rnn::LayerTrace& layer, Quantity quantity, int gate)
      : layer_(layer), length_(trace.length), rows_(layer.hidden) {
    const auto stride = static_cast<std::size_t>(layer.stride);
    step_ = stride;
    switch (quantity) {
      case Quantity::State:
        data_ = layer.states.data();
        break;
      case Quantity::Cell:
        data_ = layer.cells.data();
        break;
      case Quantity::Gate:
        data_ = layer.gates.data() + static_cast<std::size_t>(gate) * stride;
        step_ = stride * static_cast<std::size_t>(layer.gate_count);
        break;
      case Quantity::Output:
        break;
    }
  }
  int rows() const override { return rows_; }
  int length() const override { return length_; }
  void read(int t, float* out) const override {
    const float* from = data_ + static_cast<std::size_t>(layer_.step_of(t)) * step_;
    std::copy(from, from + rows_, out);
  }

 private:
  const rnn::LayerTrace& layer_;
  int length_, rows_;
  const float* data_ = nullptr;
  std::size_t step_ = 0;
};

std::string short_number(float v) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3g", static_cast<double>(v));
  return v < 0 ? std::string("−") + (text.data() + 1) : std::string(text.data());
}

class StateTrack final : public Track {
 public:
  StateTrack(int texture, int layer, const rnn::Network& network, Quantity quantity, int gate)
      : picture_(texture),
        layer_(layer),
        of_(network.layers[static_cast<std::size_t>(layer)]),
        cell_(of_.cell),
        units_(of_.hidden),
        group_(group_of(network, layer)),
        quantity_(quantity),
        gate_(gate) {}

  std::string key() const override { return quantity_ == Quantity::Gate ? "gate " + symbol() : symbol(); }
  std::string group() const override { return group_; }
  std::string title() const override { return symbol() + "_t"; }
  std::string note(const session::Session& session) const override {
    if (minus(session)) return std::string("− ") + session.compare().reference_word();
    if (!shown_) return {};
    return short_number(range_.low) + " … " + short_number(range_.high);
  }
  void draw_legend(const TrackContext& context, const Area& area) override {
    if (!minus(context.session) || !shown_ || area.height() < context.fonts.small->FontSize) return;
    const std::string text = "± " + short_number(range_.high);
    context.draw.AddText(context.fonts.small, context.fonts.small->FontSize,
                         ImVec2(area.min.x, area.min.y - 2), context.theme.text_dim, text.c_str());
  }
  float height() const override {
    const auto units = static_cast<float>(units_);
    if (quantity_ == Quantity::State) return std::clamp(units * 6, 36.0f, 128.0f);
    return std::clamp(units * 3, 30.0f, 72.0f);
  }

  void draw(const TrackContext& context, const Area& area) override {
    const rnn::LayerTrace* values = find(context.session);
    const bool difference = minus(context.session);
    const ColourMap& colours = map(context, difference);
    context.draw.AddRectFilled(
        area.min, ImVec2(std::min(area.max.x, context.axis.x_of(context.axis.length)), area.max.y),
        colours[bounded_below() && !difference ? 0 : 127]);
    if (values && difference) {
      const session::Compare& compare = context.session.compare();
      const DifferenceSource source(compare, of_, layer_, *context.session.trace(), *compare.reference(),
                                    quantity_, gate_);
      paint(context, source, difference_serial(context.session), area, true);
      hatch_gaps(context, area);
    } else if (values) {
      const TraceSource source(*context.session.trace(), *values, quantity_, gate_);
      paint(context, source, context.session.trace_serial(), area, false);
    } else {
      picture_.draw_values(context, nullptr, area, colours);
    }
    draw_lit(context, area, layer_, gate_, false);
    mark_hover(context, area);
  }

  // What the first step is fed by: h_0, or round a circle the end of the pass before.
  void draw_start(const TrackContext& context, const Area& column) override {
    if (quantity_ == Quantity::Gate || of_.wiring.reverse) return;
    const bool difference = minus(context.session);
    const ColourMap& colours = map(context, difference);
    context.draw.AddRectFilled(column.min, column.max, colours[bounded_below() && !difference ? 0 : 127]);
    const float* from = start(context.session);
    const float* against = difference ? reference_at(context.session, 0) : nullptr;
    if (!from || !shown_ || (difference && !against)) return;
    const int rows = std::clamp(units_, 1, std::max(1, static_cast<int>(column.height())));
    const float row = column.height() / static_cast<float>(rows);
    for (int r = 0; r < rows; ++r) {
      const int unit = r * units_ / rows;
      const float v = from[unit] - (against ? against[unit] : 0.0f),
                  y = column.min.y + row * static_cast<float>(r);
      if (v != 0)
        context.draw.AddRectFilled(ImVec2(column.min.x, y), ImVec2(column.max.x, y + row),
                                   colours[range_.byte(v)]);
    }
    draw_lit(context, column, layer_, gate_, true);
  }

  Hover hover_at(const session::Session&, int position, float share) const override {
    Hover hover;
    hover.position = position;
    hover.layer = layer_;
    hover.unit = std::clamp(static_cast<int>(share * static_cast<float>(units_)), 0, units_ - 1);
    hover.gate = quantity_ == Quantity::State ? -1 : gate_;
    return hover;
  }

  std::string value_at(const session::Session& session, int position, float share) const override {
    const int unit = hover_at(session, position, share).unit;
    const std::string name = with_subscript(symbol(), unit);
    const rnn::LayerTrace* values = find(session);
    if (position == 0) {
      if (quantity_ == Quantity::Gate) return "no gate before the first letter";
      if (of_.wiring.reverse) return "this layer reads from right to left and starts after the last letter";
      const rnn::ModelSpec& spec = session.network().spec;
      if (spec.initial == rnn::InitialState::Zero && spec.circular == rnn::Circular::Linear)
        return name + " at position 0 = 0 (the state before the first letter)" + beside(session, 0, unit, 0);
      const float* from = start(session);
      if (!from) return {};
      return name + " at position 0 = " + exact(from[unit]) + " (" +
             (spec.circular != rnn::Circular::Linear ? "carried round the circle" : session.initial_state()) +
             ")" + beside(session, 0, unit, from[unit]);
    }
    if (!values) return {};
    const int t = position - 1;
    if (t < 0 || t >= session.trace()->length) return {};
    const int step = values->step_of(t);
    const float v = quantity_ == Quantity::State  ? values->h(step, unit)
                    : quantity_ == Quantity::Cell ? values->c(step, unit)
                                                  : values->gate(step, gate_, unit);
    return name + (values->letters_per_step > 1 ? " of " : " at ") +
           session::step_name(session.network(), of_.level, session.length(), step) + " = " + exact(v) +
           beside(session, position, unit, v);
  }
  void forget(TextureStore& textures) override { picture_.forget(textures); }
  bool values(const session::Session& session, TrackValues& out) const override {
    const rnn::LayerTrace* now = find(session);
    if (!now) return false;
    const bool difference = minus(session);
    out.kind = TrackValues::Kind::Heat;
    for (int unit = 0; unit < units_; ++unit)
      out.names.push_back(
          symbol() + "[" + std::to_string(unit) + "]" +
          (difference ? std::string(" minus the ") + session.compare().reference_word() : ""));
    out.low = static_cast<double>(range_.low);
    out.high = static_cast<double>(range_.high);
    out.from_zero = bounded_below() && !difference;
    out.read = [this, &session, now, difference, length = session.trace()->length](int letter,
                                                                                   double* numbers) {
      const float* from = session::numbers_at(of_, *now, quantity_, gate_, letter + 1, length);
      const float* then = difference ? reference_at(session, letter + 1) : nullptr;
      for (int unit = 0; unit < units_; ++unit)
        numbers[unit] = !from || (difference && !then) ? std::nan("")
                                                       : static_cast<double>(from[unit]) -
                                                             (then ? static_cast<double>(then[unit]) : 0.0);
    };
    return true;
  }

 private:
  std::string symbol() const {
    if (quantity_ == Quantity::State) return "h";
    if (quantity_ == Quantity::Cell) return "c";
    return rnn::gates(cell_)[static_cast<std::size_t>(gate_)].symbol;
  }
  static std::string exact(float v) {
    std::array<char, 40> number{};
    std::snprintf(number.data(), number.size(), "%.9g", static_cast<double>(v));
    return number.data();
  }
  // "Layer 2, forward, 6 units, a step is 10 letters"
  static std::string group_of(const rnn::Network& network, int layer) {
    const rnn::Layer& l = network.layers[static_cast<std::size_t>(layer)];
    std::string text = session::layer_name(network, layer, true) + ", " + std::to_string(l.hidden) +
                       (l.hidden == 1 ? " unit" : " units");
    const int letters = network.letters_per_step(l.level);
    if (letters == 1) return text;
    const bool series = network.spec.input == rnn::Input::Values;
    return text + ", a step is " + std::to_string(letters) + (series ? " positions" : " letters");
  }
  // Coupled gates with a sigmoid candidate keep c in [0, 1] as well.
  bool bounded_below() const {
    if (quantity_ == Quantity::Cell) return rnn::coupled(cell_) && rnn::sigmoid_candidate(cell_);
    return quantity_ == Quantity::Gate && rnn::gates(cell_)[static_cast<std::size_t>(gate_)].squashed_to_01;
  }
  bool unbounded() const {
    return (quantity_ == Quantity::Cell && !bounded_below()) ||
           (quantity_ == Quantity::State && cell_ == rnn::CellKind::ElmanRelu);
  }
  const ColourMap& map(const TrackContext& context, bool difference) const {
    return bounded_below() && !difference ? context.share_map : context.signed_map;
  }
  // Differences are on show, and states of this layer can be compared.
  bool minus(const session::Session& session) const {
    const session::Compare& compare = session.compare();
    return compare.difference() && compare.comparable_states() && find(session) &&
           layer_ < static_cast<int>(compare.reference()->layers.size());
  }
  const float* reference_at(const session::Session& session, int position) const {
    const session::Compare& compare = session.compare();
    const int there = compare.reference_position(position);
    if (there < 0) return nullptr;
    const rnn::Trace& then = *compare.reference();
    return session::numbers_at(of_, then.layers[static_cast<std::size_t>(layer_)], quantity_, gate_, there,
                               then.length);
  }
  // The second and third line of a value: what it is compared with, and the difference.
  std::string beside(const session::Session& session, int position, int unit, float now) const {
    if (!minus(session)) return {};
    const std::string word = session.compare().reference_word();
    const float* then = reference_at(session, position);
    if (!then) return "\nthe " + word + " has no counterpart here";
    return "\n" + word + " " + counterpart_words(session, position) + ": " + exact(then[unit]) +
           "\ndifference " + signed_text(static_cast<double>(now) - static_cast<double>(then[unit]));
  }
  void paint(const TrackContext& context, const LodSource& source, std::uint64_t serial, const Area& area,
             bool difference) {
    set_range(context.session, source, serial, difference);
    shown_ = true;
    picture_.update(context, source, serial, range_, context.ui.tracks.reduce);
    picture_.draw_values(context, &source, area, map(context, difference));
  }
  const rnn::LayerTrace* find(const session::Session& session) const {
    const rnn::Trace* trace = session.trace();
    if (!trace || layer_ >= static_cast<int>(trace->layers.size())) return nullptr;
    const rnn::LayerTrace& values = trace->layers[static_cast<std::size_t>(layer_)];
    return values.hidden == units_ && values.steps > 0 ? &values : nullptr;
  }
  const float* start(const session::Session& session) const {
    const rnn::LayerTrace* values = find(session);
    if (!values) return nullptr;
    const rnn::Fed fed = rnn::fed_by(of_, *values, 0);
    return quantity_ == Quantity::Cell ? fed.c : fed.h;
  }
  // Differences of one kind share a scale over all layers and gates, so that colours can be compared.
  void set_range(const session::Session& session, const LodSource& source, std::uint64_t serial,
                 bool difference) {
    const float counted = difference ? session.compare().largest(quantity_) : 0;
    if (shown_ && serial == range_serial_ && counted == counted_) return;
    range_serial_ = serial;
    counted_ = counted;
    if (difference && counted >= 0) {
      range_ = symmetric_range(counted);
      return;
    }
    range_ = bounded_below() && !difference ? ValueRange{0, 1} : ValueRange{-1, 1};
    if (!unbounded() && !difference) return;
    // About 4,000 positions tell the scale; a rarer peak is drawn in the last colour.
    const ValueRange seen = extent(source, std::max(1, source.length() / 4096));
    range_ = symmetric_range(std::max(-seen.low, seen.high));
  }
  void mark_hover(const TrackContext& context, const Area& area) const {
    const Hover& hover = context.ui.hover_previous;
    if (hover.layer != layer_ || hover.unit < 0 || hover.unit >= units_) return;
    const float row = area.height() / static_cast<float>(units_);
    const float y = area.min.y + row * static_cast<float>(hover.unit);
    const float x1 = std::min(area.max.x, context.axis.x_of(context.axis.length));
    context.draw.AddRect(ImVec2(area.min.x, y - 0.5f), ImVec2(x1, y + std::max(row, 1.0f) + 0.5f),
                         context.theme.accent);
  }

  Heatmap picture_;
  int layer_;
  rnn::Layer of_;
  rnn::CellKind cell_;
  int units_;
  std::string group_;
  Quantity quantity_;
  int gate_;
  ValueRange range_;
  std::uint64_t range_serial_ = 0;
  float counted_ = 0;  // the largest difference that range_ was made for
  bool shown_ = false;
};

}  // namespace

void add_layer_tracks(const session::Session& session, int layer, int& next_texture,
                      std::vector<std::shared_ptr<Track>>& out) {
  const rnn::CellKind cell = session.network().layers[static_cast<std::size_t>(layer)].cell;
  const auto add = [&](Quantity quantity, int gate) {
    out.push_back(std::make_shared<StateTrack>(next_texture++, layer, session.network(), quantity, gate));
  };
  const int gate_count = static_cast<int>(rnn::gates(cell).size());
  add(Quantity::State, -1);
  if (rnn::has_cell_state(cell)) add(Quantity::Cell, gate_count);
  // An Elman cell's one "gate" is h itself.
  if (gate_count > 1) {
    for (int gate = 0; gate < gate_count; ++gate) add(Quantity::Gate, gate);
  }
}

}  // namespace ribostep::ui

// What a layer does along the sequence: h_t, its gates and c_t, each as a heat map of units by positions.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "ui/equation.h"
#include "ui/heatmap.h"
#include "ui/track.h"

namespace ribostep::ui {
namespace {

enum class Quantity : std::uint8_t { State, Gate, Cell };

// One array of a layer's trace.
class TraceSource final : public LodSource {
 public:
  TraceSource(const rnn::Trace& trace, const rnn::LayerTrace& layer, Quantity quantity, int gate)
      : length_(trace.length), rows_(layer.hidden) {
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
    }
  }
  int rows() const override { return rows_; }
  int length() const override { return length_; }
  void read(int t, float* out) const override {
    const float* from = data_ + static_cast<std::size_t>(t) * step_;
    std::copy(from, from + rows_, out);
  }

 private:
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
  StateTrack(int texture, int layer, const rnn::Layer& made_for, Quantity quantity, int gate)
      : picture_(texture),
        layer_(layer),
        cell_(made_for.cell),
        wiring_(made_for.wiring),
        level_(made_for.level),
        units_(made_for.hidden),
        quantity_(quantity),
        gate_(gate) {}

  std::string key() const override { return quantity_ == Quantity::Gate ? "gate " + symbol() : symbol(); }
  std::string group() const override {
    std::string text = "Layer " + std::to_string(level_ + 1);
    text += wiring_ == rnn::Wiring::Reverse ? ", backward" : ", forward";
    return text + ", " + std::to_string(units_) + (units_ == 1 ? " unit" : " units");
  }
  std::string title() const override { return symbol() + "_t"; }
  std::string note(const session::Session&) const override {
    if (!shown_) return {};
    return short_number(range_.low) + " … " + short_number(range_.high);
  }
  float height() const override {
    const auto units = static_cast<float>(units_);
    if (quantity_ == Quantity::State) return std::clamp(units * 6, 36.0f, 128.0f);
    return std::clamp(units * 3, 30.0f, 72.0f);
  }

  void draw(const TrackContext& context, const Area& area) override {
    const rnn::LayerTrace* values = find(context.session);
    context.draw.AddRectFilled(
        area.min, ImVec2(std::min(area.max.x, context.axis.x_of(context.axis.length)), area.max.y),
        map(context)[bounded_below() ? 0 : 127]);
    if (values) {
      const TraceSource source(*context.session.trace(), *values, quantity_, gate_);
      const std::uint64_t serial = context.session.trace_serial();
      set_range(source, serial);
      shown_ = true;
      picture_.update(context, source, serial, range_, context.ui.tracks.reduce);
      picture_.draw_values(context, &source, area, map(context));
    } else {
      picture_.draw_values(context, nullptr, area, map(context));
    }
    mark_hover(context, area);
  }

  void draw_start(const TrackContext& context, const Area& column) override {
    if (quantity_ == Quantity::Gate || wiring_ == rnn::Wiring::Reverse) return;
    context.draw.AddRectFilled(column.min, column.max, context.signed_map[127]);
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
    if (position == 0) {
      if (quantity_ == Quantity::Gate) return "no gate before the first letter";
      if (wiring_ == rnn::Wiring::Reverse)
        return "this layer reads from right to left and starts after the last letter";
      return name + " at position 0 = 0 (the state before the first letter)";
    }
    const rnn::LayerTrace* values = find(session);
    if (!values) return {};
    const int t = position - 1;
    if (t < 0 || t >= session.trace()->length) return {};
    const float v = quantity_ == Quantity::State  ? values->h(t, unit)
                    : quantity_ == Quantity::Cell ? values->c(t, unit)
                                                  : values->gate(t, gate_, unit);
    std::array<char, 40> number{};
    std::snprintf(number.data(), number.size(), "%.9g", static_cast<double>(v));
    return name + " at position " + std::to_string(position) + " = " + number.data();
  }
  void forget(TextureStore& textures) override { picture_.forget(textures); }

 private:
  std::string symbol() const {
    if (quantity_ == Quantity::State) return "h";
    if (quantity_ == Quantity::Cell) return "c";
    return rnn::gates(cell_)[static_cast<std::size_t>(gate_)].symbol;
  }
  bool bounded_below() const {
    return quantity_ == Quantity::Gate && rnn::gates(cell_)[static_cast<std::size_t>(gate_)].squashed_to_01;
  }
  bool unbounded() const {
    return quantity_ == Quantity::Cell || (quantity_ == Quantity::State && cell_ == rnn::CellKind::ElmanRelu);
  }
  const ColourMap& map(const TrackContext& context) const {
    return bounded_below() ? context.share_map : context.signed_map;
  }
  const rnn::LayerTrace* find(const session::Session& session) const {
    const rnn::Trace* trace = session.trace();
    if (!trace || layer_ >= static_cast<int>(trace->layers.size())) return nullptr;
    const rnn::LayerTrace& values = trace->layers[static_cast<std::size_t>(layer_)];
    return values.hidden == units_ ? &values : nullptr;
  }
  void set_range(const TraceSource& source, std::uint64_t serial) {
    if (shown_ && serial == range_serial_) return;
    range_serial_ = serial;
    range_ = bounded_below() ? ValueRange{0, 1} : ValueRange{-1, 1};
    if (!unbounded()) return;
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
  rnn::CellKind cell_;
  rnn::Wiring wiring_;
  int level_, units_;
  Quantity quantity_;
  int gate_;
  ValueRange range_;
  std::uint64_t range_serial_ = 0;
  bool shown_ = false;
};

}  // namespace

void add_layer_tracks(const session::Session& session, int layer, int& next_texture,
                      std::vector<std::shared_ptr<Track>>& out) {
  const rnn::Layer& made_for = session.network().layers[static_cast<std::size_t>(layer)];
  const auto add = [&](Quantity quantity, int gate) {
    out.push_back(std::make_shared<StateTrack>(next_texture++, layer, made_for, quantity, gate));
  };
  const int gate_count = static_cast<int>(rnn::gates(made_for.cell).size());
  add(Quantity::State, -1);
  if (rnn::has_cell_state(made_for.cell)) add(Quantity::Cell, gate_count);
  // An Elman cell's one "gate" is h itself.
  if (gate_count > 1) {
    for (int gate = 0; gate < gate_count; ++gate) add(Quantity::Gate, gate);
  }
}

}  // namespace ribostep::ui

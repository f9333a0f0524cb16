// The graph behind the picture of a model; see wiring_picture.h. Who feeds whom is asked of rnn::Wiring.
#include "ui/wiring_picture.h"

#include <algorithm>

namespace ribostep::ui {
namespace {

using rnn::ModelSpec;

constexpr int kSteps = 6, kCodonSteps = 4;
constexpr int kDrawnLayers = 3, kDrawnWindow = 3, kDrawnDilation = 4, kDrawnCut = 3;
constexpr float kAside = 0.2f;  // of a step: the second direction stands to the right of the first
constexpr float kLevelGap = 0.35f, kNoteGap = 0.3f;  // rows
constexpr float kBelow = 0.75f;                      // the complement under its letter
constexpr float kInitialGap = 0.95f;                 // h_0 before the first step read

int windows_in(int steps, int width) { return (steps + width - 1) / width; }

// Which levels of the model are drawn.
std::vector<int> drawn_levels(int layers) {
  std::vector<int> levels;
  for (int level = 0; level < std::min(layers, kDrawnLayers); ++level) levels.push_back(level);
  if (layers > kDrawnLayers) levels.back() = layers - 1;
  return levels;
}

int drawn_steps(const ModelSpec& spec) { return spec.input == rnn::Input::Codons ? kCodonSteps : kSteps; }

ModelSpec drawn_spec(const ModelSpec& spec, const std::vector<int>& levels) {
  ModelSpec drawn = spec;
  drawn.layers = static_cast<int>(levels.size());
  drawn.hidden = std::min(spec.hidden, 2);
  drawn.window = std::min(spec.window, kDrawnWindow);
  drawn.truncate = std::min(spec.truncate, kDrawnCut);
  if (spec.dilations.empty()) return drawn;
  drawn.dilations.clear();
  for (const int level : levels) {
    int most = kDrawnDilation;
    if (level > 0 && drawn.window > 0) most = std::max(1, windows_in(drawn_steps(spec), drawn.window) - 1);
    drawn.dilations.push_back(std::min(spec.dilation(level), most));
  }
  return drawn;
}

char complement(char letter) {
  switch (letter) {
    case 'A':
      return 'T';
    case 'C':
      return 'G';
    case 'G':
      return 'C';
    case 'T':
    case 'U':
      return 'A';
    default:
      return letter;
  }
}

class Builder {
 public:
  Builder(const ModelSpec& spec, std::string_view letters) : levels_(drawn_levels(spec.layers)), spec_(spec) {
    picture_.drawn = drawn_spec(spec, levels_);
    picture_.steps = drawn_steps(spec);
    net_ = rnn::make_network(picture_.drawn);
    const std::string_view sample = spec.symbols == 4 ? "ACGTTGCAATCG" : "MKVLATGHREDW";
    const std::size_t needed = static_cast<std::size_t>(picture_.steps * spec.letters_per_step());
    letters_ = letters.substr(0, needed);
    while (letters_.size() < needed) letters_ += sample.substr(letters_.size() % sample.size(), 1);
  }

  WiringPicture build() {
    add_inputs();
    for (int level = 0; level < picture_.drawn.layers; ++level)
      for (int direction = 0; direction < directions(); ++direction) add_layer(level, direction);
    connect_levels();
    add_outputs();
    add_windows();
    return std::move(picture_);
  }

 private:
  int directions() const { return picture_.drawn.direction_count(); }
  int steps(int level) const {
    return level > 0 && picture_.drawn.window > 0 ? windows_in(picture_.steps, picture_.drawn.window)
                                                  : picture_.steps;
  }
  const rnn::Layer& layer(int index) const { return net_.layers[static_cast<std::size_t>(index)]; }
  float row(int level, int direction) const {
    const auto rows = static_cast<float>(1 + level * directions() + direction);
    return rows + kLevelGap * static_cast<float>(level);
  }
  float aside(int direction) const { return directions() == 1 ? 0.0f : direction == 0 ? -kAside : kAside; }
  // Where step t of a level stands above the steps of the first.
  float column(int level, int direction, int t) const {
    if (level == 0 || picture_.drawn.window == 0) return static_cast<float>(t) + aside(direction);
    const int first = t * picture_.drawn.window;
    const int last = std::min(first + picture_.drawn.window, picture_.steps) - 1;
    if (picture_.drawn.window_summary == rnn::Summary::Mean)
      return static_cast<float>(first + last) * 0.5f + aside(direction);
    return static_cast<float>(direction == 0 ? last : first) + aside(direction);
  }

  int add(WiringNodeKind kind, int of_layer, int step, float x, float y, std::string text = {}) {
    picture_.nodes.push_back({kind, of_layer, step, x, y, std::move(text)});
    picture_.top = std::max(picture_.top, y);
    picture_.bottom = std::min(picture_.bottom, y);
    return static_cast<int>(picture_.nodes.size()) - 1;
  }
  void connect(WiringEdgeKind kind, int from, int to, bool cut = false) {
    picture_.edges.push_back({kind, from, to, cut});
  }
  int state(int of_layer, int t) const {
    return states_[static_cast<std::size_t>(of_layer)][static_cast<std::size_t>(t)];
  }

  std::string input_text(int t) const {
    const auto at = static_cast<std::size_t>(t);
    switch (picture_.drawn.input) {
      case rnn::Input::Letters:
        return std::string(1, letters_[at]);
      case rnn::Input::Kmers: {
        const auto k = static_cast<std::size_t>(picture_.drawn.kmer);
        const std::size_t have = std::min(k, at + 1);
        return std::string(k - have, '.') + letters_.substr(at + 1 - have, have);
      }
      case rnn::Input::Codons:
        return letters_.substr(3 * at, 3);
      case rnn::Input::Values:
        break;
    }
    return {};
  }

  void add_inputs() {
    const bool strands = picture_.drawn.directions == rnn::Directions::Strands ||
                         picture_.drawn.directions == rnn::Directions::StrandsTied;
    for (int t = 0; t < picture_.steps; ++t) {
      const float x = static_cast<float>(t) + (strands ? -kAside : 0.0f);
      inputs_.push_back(add(WiringNodeKind::Input, -1, t, x, 0, input_text(t)));
    }
    if (strands)
      for (int t = 0; t < picture_.steps; ++t)
        complements_.push_back(add(WiringNodeKind::Complement, -1, t, static_cast<float>(t) + kAside, -kBelow,
                                   std::string(1, complement(letters_[static_cast<std::size_t>(t)]))));
    if (spec_.embedding > 0)
      picture_.notes.push_back({0, "as " + std::to_string(spec_.embedding)});
    else if (spec_.input == rnn::Input::Values)
      picture_.notes.push_back({0, "x " + std::to_string(spec_.channels)});
  }

  std::string initial_text() const {
    switch (picture_.drawn.initial) {
      case rnn::InitialState::Zero:
        return "0";
      case rnn::InitialState::Learned:
        return "h_0";
      case rnn::InitialState::ByClass:
        return "class";
      case rnn::InitialState::Encoder:
        return "g(c)";
    }
    return {};
  }

  void add_layer(int level, int direction) {
    const int index = net_.level_begin(level) + direction;
    const rnn::Wiring& wiring = layer(index).wiring;
    const int n = steps(level);
    const float y = row(level, direction);
    std::vector<int>& nodes = states_.emplace_back();
    for (int t = 0; t < n; ++t)
      nodes.push_back(add(WiringNodeKind::State, index, t, column(level, direction, t), y));
    const float start = wiring.reverse ? static_cast<float>(picture_.steps - 1) + kInitialGap : -kInitialGap;
    const int initial = add(WiringNodeKind::Initial, index, -1, start + aside(direction), y, initial_text());
    for (int t = 0; t < n; ++t) {
      const int from = wiring.predecessor(n, t);
      if (from >= 0) {
        connect(WiringEdgeKind::Recurrent, state(index, from), state(index, t), wiring.is_cut(t));
        continue;
      }
      connect(WiringEdgeKind::Initial, initial, state(index, t));
      if (picture_.drawn.circular == rnn::Circular::Linear || wiring.restarts(t)) continue;
      const int around = wiring.reverse ? t + wiring.dilation - n : t - wiring.dilation + n;
      if (around >= 0 && around < n) connect(WiringEdgeKind::Wrap, state(index, around), state(index, t));
    }
    if (direction == 0) add_notes(level, y);
  }

  // Beside the first direction's row: the second one's h_0 stands beside its own.
  void add_notes(int level, float y) {
    const int dilation = spec_.dilation(levels_[static_cast<std::size_t>(level)]);
    const bool window = level == 1 && spec_.window > 0;
    const float apart = window && dilation > 1 ? kNoteGap : 0.0f;
    if (window) picture_.notes.push_back({y + apart, "w " + std::to_string(spec_.window)});
    if (dilation > 1) picture_.notes.push_back({y - apart, "d " + std::to_string(dilation)});
    if (level == 2 && spec_.layers > kDrawnLayers)
      picture_.notes.push_back({y - 0.5f - kLevelGap * 0.5f, std::to_string(spec_.layers) + " layers"});
  }

  void connect_levels() {
    for (int index = 0; index < static_cast<int>(net_.layers.size()); ++index) {
      const rnn::Layer& to = layer(index);
      const int n = steps(to.level);
      for (int t = 0; t < n; ++t) {
        if (to.level == 0) {
          const std::vector<int>& from = to.wiring.complement ? complements_ : inputs_;
          connect(WiringEdgeKind::Input, from[static_cast<std::size_t>(t)], state(index, t));
          continue;
        }
        for (int direction = 0; direction < directions(); ++direction)
          connect_below(net_.level_begin(to.level - 1) + direction, index, t);
      }
    }
  }

  // What step t of a layer reads of one layer of the level below.
  void connect_below(int below, int above, int t) {
    const int width = picture_.drawn.window;
    if (layer(above).level != 1 || width == 0) {
      connect(WiringEdgeKind::Input, state(below, t), state(above, t));
      return;
    }
    const int first = t * width, last = std::min(first + width, picture_.steps) - 1;
    if (picture_.drawn.window_summary == rnn::Summary::Mean) {
      for (int s = first; s <= last; ++s) connect(WiringEdgeKind::Summary, state(below, s), state(above, t));
    } else {
      // The state after a window: a layer that reads in reverse ends at the window's first step.
      connect(WiringEdgeKind::Summary, state(below, layer(below).wiring.reverse ? first : last),
              state(above, t));
    }
  }

  void add_outputs() {
    const int top = picture_.drawn.layers - 1, n = steps(top);
    const float y = row(top, directions() - 1) + 1 + kLevelGap * 0.5f;
    const int begin = net_.level_begin(top);
    if (picture_.drawn.task == rnn::Task::SequenceLabel) {
      const float middle = static_cast<float>(picture_.steps - 1) * 0.5f;
      const bool pooled = picture_.drawn.pool != rnn::Pool::Last;
      const bool at_end = !pooled && directions() == 1;
      const char* words = picture_.drawn.pool == rnn::Pool::Mean  ? "mean"
                          : picture_.drawn.pool == rnn::Pool::Max ? "max"
                                                                  : "last";
      const float x = at_end ? picture_.nodes[static_cast<std::size_t>(state(begin, n - 1))].x : middle;
      const int answer = add(WiringNodeKind::Output, -1, -1, x, y, words);
      for (int index = begin; index < begin + directions(); ++index) {
        const int end = layer(index).wiring.reverse ? 0 : n - 1;
        for (int t = 0; t < n; ++t)
          if (pooled || t == end) connect(WiringEdgeKind::Readout, state(index, t), answer);
      }
      return;
    }
    for (int t = 0; t < picture_.steps; ++t) {
      std::string text;
      if (picture_.drawn.task == rnn::Task::NextSymbol) {
        if (t + 1 == picture_.steps) break;  // nothing comes after the last
        text = picture_.drawn.input == rnn::Input::Kmers ? letters_.substr(static_cast<std::size_t>(t) + 1, 1)
                                                         : input_text(t + 1);
      } else if (picture_.drawn.task == rnn::Task::NextVector && t + 1 == picture_.steps) {
        break;
      }
      const int answer = add(WiringNodeKind::Output, -1, t, static_cast<float>(t), y, text);
      const int step = n == picture_.steps ? t : t / picture_.drawn.window;
      for (int index = begin; index < begin + directions(); ++index)
        connect(WiringEdgeKind::Readout, state(index, step), answer);
    }
  }

  void add_windows() {
    const int width = picture_.drawn.window;
    if (width == 0) return;
    for (int first = 0; first < picture_.steps; first += width) {
      const int last = std::min(first + width, picture_.steps) - 1;
      picture_.windows.push_back({static_cast<float>(first) - 0.42f, static_cast<float>(last) + 0.42f,
                                  row(0, 0) - 0.45f, row(0, directions() - 1) + 0.5f});
    }
  }

  WiringPicture picture_;
  std::vector<int> levels_;  // of the model, for each level drawn
  const ModelSpec& spec_;
  rnn::Network net_;  // of what is drawn
  std::string letters_;
  std::vector<int> inputs_, complements_;
  std::vector<std::vector<int>> states_;  // by layer and step
};

}  // namespace

WiringPicture wiring_picture(const ModelSpec& spec, std::string_view letters) {
  return Builder(spec, letters).build();
}

}  // namespace ribostep::ui

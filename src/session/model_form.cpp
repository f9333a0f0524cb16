// Every choice about a model as one table of controls; see form.h. One place says what a choice is called,
// what it means, when it matters, when it is possible and what goes with it.
#include <algorithm>
#include <cstdlib>

#include "bio/covariates.h"
#include "session/form_control.h"

namespace ribostep::session {
namespace {

using nlohmann::json;
using rnn::ModelSpec;

constexpr int kLongest = 1'000'000;  // windows and cuts

using Control = FormControl<ModelSpec>;

// What is known beside the model itself.
struct Surroundings {
  const std::vector<bio::Covariate>* covariates;
  std::function<std::string(rnn::Task)> obstacle;
  bool series = false;  // the data are numbers
};

std::string sentence(std::string text) {
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z')
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
  return text;
}

const bio::Covariate* covariate(const Surroundings& around, const std::string& name) {
  for (const bio::Covariate& c : *around.covariates)
    if (c.name == name) return &c;
  return nullptr;
}

std::string cannot_be_classes(const bio::Covariate& c) {
  if (!c.levels.empty()) return {};
  return "It has more than 256 different values: an encoder can read it if they are numbers.";
}
std::string cannot_be_encoded(const bio::Covariate& c) {
  if (c.numeric) return {};
  return "Its values are not numbers: learn a state per class instead.";
}
// Whether a covariate can serve this kind of initial state; empty when it can.
std::string unfit(rnn::InitialState kind, const bio::Covariate& c) {
  return kind == rnn::InitialState::ByClass ? cannot_be_classes(c) : cannot_be_encoded(c);
}

// Covariates that can serve. Centers and scales are experiment::fitted's, which makes them anew where there
// are none.
void settle_covariates(ModelSpec& spec, const Surroundings& around) {
  if (spec.initial != rnn::InitialState::ByClass && spec.initial != rnn::InitialState::Encoder) {
    spec.covariates.clear();
  } else {
    const auto useless = [&](const std::string& name) {
      const bio::Covariate* c = covariate(around, name);
      return !c || !unfit(spec.initial, *c).empty();
    };
    spec.covariates.erase(std::remove_if(spec.covariates.begin(), spec.covariates.end(), useless),
                          spec.covariates.end());
    const bool one = spec.initial == rnn::InitialState::ByClass;
    if (one && spec.covariates.size() > 1) spec.covariates.resize(1);
    for (const bio::Covariate& c : *around.covariates)
      if (spec.covariates.empty() && unfit(spec.initial, c).empty()) spec.covariates.push_back(c.name);
  }
  spec.covariate_classes = 0;
  if (spec.initial == rnn::InitialState::ByClass && !spec.covariates.empty())
    spec.covariate_classes = static_cast<int>(covariate(around, spec.covariates[0])->levels.size());
  spec.covariate_center.clear();
  spec.covariate_scale.clear();
}

// One dilation per layer: a list that doubles goes on doubling, others go on with 1.
void settle_dilations(ModelSpec& spec) {
  if (spec.dilations.empty()) return;
  const auto layers = static_cast<std::size_t>(std::max(spec.layers, 1));
  bool doubles = spec.dilations.size() > 1;
  for (std::size_t i = 1; i < spec.dilations.size(); ++i)
    doubles = doubles && spec.dilations[i] == 2 * spec.dilations[i - 1];
  while (spec.dilations.size() < layers) spec.dilations.push_back(doubles ? 2 * spec.dilations.back() : 1);
  spec.dilations.resize(layers);
  if (std::all_of(spec.dilations.begin(), spec.dilations.end(), [](int d) { return d == 1; }))
    spec.dilations.clear();
}

// What cannot stay after `key` was changed goes; what it needs comes.
void settle(ModelSpec& spec, std::string_view key, const Surroundings& around) {
  if (key == "task" && !rnn::leak(spec).empty() &&
      (spec.task == rnn::Task::NextSymbol || spec.task == rnn::Task::NextVector)) {
    spec.directions = rnn::Directions::Forward;
    spec.circular = rnn::Circular::Linear;
    spec.window = 0;
  }
  if (key == "cell" && !rnn::is_lstm(spec.cell)) spec.peepholes = false;
  if (key == "cell" && !rnn::is_lstm(spec.cell) && spec.cell != rnn::CellKind::Gru)
    spec.forget_bias = rnn::ForgetBias::Default;
  if (key == "layers" && spec.layers == 1) {
    spec.window = 0;
    spec.dropout = 0;
  }
  if (key == "layers") settle_dilations(spec);
  if (key == "input" && spec.input == rnn::Input::Values) spec.embedding = 0;
  if (key == "initial" || key == "covariates") settle_covariates(spec, around);
}

// ---- how values are read
// -----------------------------------------------------------------------------------

// [1, 2, 4] or "1, 2, 4".
bool read_list(const json& value, std::vector<int>& out) {
  std::vector<int> list;
  if (value.is_array()) {
    for (const json& item : value) {
      if (!item.is_number_integer()) return false;
      list.push_back(item.get<int>());
    }
  } else if (value.is_string()) {
    const std::string text = value.get<std::string>();
    const char* at = text.c_str();
    while (*at != '\0') {
      char* end = nullptr;
      const long number = std::strtol(at, &end, 10);
      if (end == at) {
        if (*at != ' ' && *at != ',') return false;
        ++at;
        continue;
      }
      list.push_back(static_cast<int>(std::clamp(number, 0L, 1'000'000L)));
      at = end;
    }
  } else {
    return false;
  }
  out = std::move(list);
  return true;
}

// ---- controls
// ----------------------------------------------------------------------------------------------

class Table {
 public:
  Table(const ModelSpec& spec, const Surroundings& around) : spec_(spec), around_(around) { build(); }
  std::vector<Control> controls;

 private:
  // Why the model cannot be built when `change` is made to it.
  template <class F>
  std::string trouble(std::string_view key, F change) const {
    ModelSpec other = spec_;
    change(other);
    settle(other, key, around_);
    if (other.initial == rnn::InitialState::Encoder) {  // the data's are not the question
      other.covariate_center.assign(other.covariates.size(), 0);
      other.covariate_scale.assign(other.covariates.size(), 1);
    }
    return rnn::problem(other);
  }

  Control& add(FieldKind kind, FieldSection section, const char* key, const char* label, const char* hint) {
    Control control;
    control.field.kind = kind;
    control.field.section = section;
    control.field.key = key;
    control.field.label = label;
    control.field.hint = hint;
    controls.push_back(std::move(control));
    return controls.back();
  }

  template <class E>
  Control& list(FieldSection section, const char* key, const char* label, const char* hint,
                E ModelSpec::*member) {
    Control& control = add(FieldKind::List, section, key, label, hint);
    make_list(control, spec_, member, [&](E value) {
      return value == spec_.*member ? std::string() : trouble(key, [&](ModelSpec& s) { s.*member = value; });
    });
    return control;
  }

  Control& whole(FieldSection section, const char* key, const char* label, const char* hint,
                 int ModelSpec::*member, int low, int high) {
    Control& control = add(FieldKind::Whole, section, key, label, hint);
    make_whole(control, spec_, member, low, high);
    return control;
  }

  Control& real(FieldSection section, const char* key, const char* label, const char* hint,
                double ModelSpec::*member, double low, double high, double speed) {
    Control& control = add(FieldKind::Real, section, key, label, hint);
    make_real(control, spec_, member, low, high, speed);
    return control;
  }

  Control& flag(FieldSection section, const char* key, const char* label, const char* hint,
                bool ModelSpec::*member) {
    Control& control = add(FieldKind::Flag, section, key, label, hint);
    make_flag(control, spec_, member);
    if (!(spec_.*member)) control.field.why_not = trouble(key, [&](ModelSpec& s) { s.*member = true; });
    return control;
  }

  // A number whose 0 is "off": while it is, says why it cannot be switched on.
  template <class N>
  void off_at_zero(Control& control, N ModelSpec::*member, N probe) {
    control.field.zero = "off";
    if (spec_.*member != 0) return;
    control.field.why_not = trouble(control.field.key, [&](ModelSpec& s) { s.*member = probe; });
    if (control.field.why_not.empty() || spec_.layers > 1) return;
    const std::string with_layer = trouble(control.field.key, [&](ModelSpec& s) {
      s.*member = probe;
      s.layers = 2;
      settle_dilations(s);
    });
    if (with_layer.empty()) control.field.offers.push_back({"Add a layer", "layers", 2});
  }

  void build() {
    build_main();
    build_cell();
    build_wiring();
    build_initial();
    build_input();
  }

  void build_main() {
    constexpr FieldSection kHere = FieldSection::Main;
    Control& task = list(kHere, "task", "Predicts", "What the network learns to say", &ModelSpec::task);
    for (int i = 0; i < rnn::kCount<rnn::Task>; ++i) {
      std::string& why = task.field.options[static_cast<std::size_t>(i)].why_not;
      if (around_.obstacle)
        if (std::string obstacle = around_.obstacle(static_cast<rnn::Task>(i)); !obstacle.empty())
          why = sentence(std::move(obstacle));
    }
    list(kHere, "cell", "Cell", "How a unit combines what it reads with what it remembers", &ModelSpec::cell);
    whole(kHere, "hidden", "Hidden units", "Numbers a layer remembers, per direction", &ModelSpec::hidden, 1,
          rnn::kMaxHidden);
    whole(kHere, "layers", "Layers", "Each reads the states of the one below", &ModelSpec::layers, 1,
          rnn::kMaxLayers);
    list(kHere, "directions", "Reads",
         "From the first letter on, from both ends, or both strands of DNA: the second direction then reads "
         "the reverse complement",
         &ModelSpec::directions);
    list(kHere, "pool", "Answers from",
         "Which states the answer is read from: the last one, the mean or the maximum over positions",
         &ModelSpec::pool)
        .shown = spec_.task == rnn::Task::SequenceLabel;
  }

  void build_cell() {
    constexpr FieldSection kHere = FieldSection::Cell;
    const bool gated = rnn::is_lstm(spec_.cell) || spec_.cell == rnn::CellKind::Gru;
    flag(kHere, "peepholes", "Peepholes", "The gates of an LSTM also see its memory c",
         &ModelSpec::peepholes);
    flag(kHere, "layer_norm", "Layer norm",
         "The sums inside each gate are brought to mean 0 and deviation 1 over the units, then scaled by "
         "learned numbers",
         &ModelSpec::layer_norm);
    Control& dropout = real(kHere, "dropout", "Dropout",
                            "Share of the states between layers set to 0 at random while training; 0 is off",
                            &ModelSpec::dropout, 0, 0.95, 0.005);
    off_at_zero(dropout, &ModelSpec::dropout, 0.5);
    list(kHere, "init", "First weights",
         "Drawn as PyTorch does, or uniformly up to a number of your own; orthogonal keeps the length of a "
         "state, the identity keeps the state itself (IRNN)",
         &ModelSpec::init);
    real(kHere, "init_range", "Largest", "First weights are drawn between minus this and this",
         &ModelSpec::init_range, 0, 100, 0.005)
        .shown = spec_.init == rnn::Initialisation::Uniform;
    list(kHere, "forget_bias", "Forget bias",
         "The first bias of the gate that keeps (LSTM: f, GRU: z). A large one starts with a long memory; "
         "chrono spreads the units over a range of time spans",
         &ModelSpec::forget_bias)
        .shown = gated;
    real(kHere, "forget_bias_value", "Bias", "1 is usual; a half-life of 50,000 steps needs about 11",
         &ModelSpec::forget_bias_value, -100, 100, 0.02)
        .shown = gated && spec_.forget_bias == rnn::ForgetBias::Constant;
    whole(kHere, "chrono_span", "Time span", "Positions to be remembered over", &ModelSpec::chrono_span, 3,
          kLongest)
        .shown = gated && spec_.forget_bias == rnn::ForgetBias::Chrono;
  }

  void build_wiring() {
    constexpr FieldSection kHere = FieldSection::Wiring;
    build_dilations();
    Control& window = whole(kHere, "window", "Windows",
                            "Layers from the second on take one step for every window of so many steps, and "
                            "read its summary; 0 is off",
                            &ModelSpec::window, 0, kLongest);
    off_at_zero(window, &ModelSpec::window, 10);
    list(kHere, "window_summary", "Summary",
         "What the second layer reads of a window: its last state or the mean", &ModelSpec::window_summary)
        .shown = spec_.window > 0;
    Control& carry = add(FieldKind::List, kHere, "window_carry", "Window ends",
                         "Whether the first layer goes on over the end of a window");
    carry.shown = spec_.window > 0;
    carry.field.value = spec_.window_carry ? "carries" : "restarts";
    for (const bool carries : {true, false})
      carry.field.options.push_back(
          {carries ? "carries" : "restarts",
           carries ? "state carries over window ends" : "starts anew in each window",
           trouble("window_carry", [&](ModelSpec& s) { s.window_carry = carries; })});
    carry.set = [](ModelSpec& spec, const json& value) {
      if (value.is_boolean()) spec.window_carry = value.get<bool>();
      if (value == "carries" || value == "restarts") spec.window_carry = value == "carries";
      return value.is_boolean() || value == "carries" || value == "restarts";
    };
    Control& cut = whole(kHere, "truncate", "Cut gradients",
                         "Truncated back-propagation: gradients stop at every multiple of so many steps; "
                         "0 is off",
                         &ModelSpec::truncate, 0, kLongest);
    off_at_zero(cut, &ModelSpec::truncate, 10);
    list(kHere, "circular", "Sequence",
         "Plasmids, phages and mitochondria have no first letter: a circular network carries its state over "
         "the origin",
         &ModelSpec::circular);
    whole(kHere, "max_passes", "At most", "Passes round the circle when the state does not settle",
          &ModelSpec::max_passes, 2, rnn::kMaxPasses)
        .shown = spec_.circular == rnn::Circular::FixedPoint;
  }

  void build_dilations() {
    Control& dilations = add(FieldKind::Numbers, FieldSection::Wiring, "dilations", "Dilations",
                             "Per layer: a step is fed by the one so many steps before");
    std::vector<int> all(spec_.dilations), doubled;
    all.resize(static_cast<std::size_t>(spec_.layers), 1);
    for (int level = 0; level < spec_.layers; ++level) doubled.push_back(1 << level);
    dilations.field.value = all;
    dilations.field.low = 1;
    dilations.field.high = 4096;
    if (spec_.layers > 1 && all != doubled)
      dilations.field.offers.push_back({"1 2 4 ...", "dilations", doubled});
    if (!spec_.dilations.empty())
      dilations.field.offers.push_back({"all 1", "dilations", std::vector<int>(all.size(), 1)});
    dilations.set = [](ModelSpec& spec, const json& value) {
      std::vector<int> list;
      if (!read_list(value, list)) return false;
      spec.dilations = std::move(list);
      if (std::all_of(spec.dilations.begin(), spec.dilations.end(), [](int d) { return d == 1; }) &&
          static_cast<int>(spec.dilations.size()) == spec.layers)
        spec.dilations.clear();
      return true;
    };
  }

  void build_initial() {
    constexpr FieldSection kHere = FieldSection::Initial;
    Control& initial = list(kHere, "initial", "Starts from",
                            "The state before the first letter: zero, learned, one learned for each class of "
                            "a covariate, or made from numbers by a small network",
                            &ModelSpec::initial);
    for (Option& option : initial.field.options) {
      if (option.value == rnn::name(rnn::InitialState::ByClass))
        say_unfit(option, rnn::InitialState::ByClass);
      if (option.value == rnn::name(rnn::InitialState::Encoder))
        say_unfit(option, rnn::InitialState::Encoder);
    }
    const bool one = spec_.initial == rnn::InitialState::ByClass;
    const bool several = spec_.initial == rnn::InitialState::Encoder;
    Control& covariates =
        add(one ? FieldKind::List : FieldKind::Names, kHere, "covariates", one ? "Class of" : "Covariates",
            one ? "The covariate whose classes have a state each" : "The numbers the encoder reads");
    covariates.shown = one || several;
    if (one)
      covariates.field.value = spec_.covariates.empty() ? json("") : json(spec_.covariates[0]);
    else
      covariates.field.value = spec_.covariates;
    for (const bio::Covariate& c : *around_.covariates) {
      std::string label = c.name;
      if (one) label += " (" + std::to_string(c.levels.size()) + ")";
      covariates.field.options.push_back({c.name, label, unfit(spec_.initial, c)});
    }
    covariates.set = [](ModelSpec& spec, const json& value) {
      if (value.is_string()) {
        spec.covariates = {value.get<std::string>()};
        return true;
      }
      if (!value.is_array()) return false;
      std::vector<std::string> names;
      for (const json& item : value) {
        if (!item.is_string()) return false;
        names.push_back(item.get<std::string>());
      }
      spec.covariates = std::move(names);
      return true;
    };
    whole(kHere, "encoder_units", "Encoder units", "Hidden units of the encoder", &ModelSpec::encoder_units,
          1, 256)
        .shown = several;
  }

  void say_unfit(Option& option, rnn::InitialState kind) const {
    const auto& all = *around_.covariates;
    if (std::any_of(all.begin(), all.end(), [&](const bio::Covariate& c) { return unfit(kind, c).empty(); }))
      return;
    if (all.empty())
      option.why_not =
          "These data have no covariates. They come from header fields such as tissue=liver, or from further "
          "columns of a table.";
    else if (kind == rnn::InitialState::Encoder)
      option.why_not = "None of the covariates is a number. Learn a state per class instead.";
    else
      option.why_not = "Every covariate has more than 256 different values.";
  }

  void build_input() {
    constexpr FieldSection kHere = FieldSection::Input;
    Control& input = list(kHere, "input", "Input",
                          "What one step reads: a letter, the k letters that end there, three letters at a "
                          "time, or numbers given by the data",
                          &ModelSpec::input);
    for (Option& option : input.field.options) {
      const bool values = option.value == rnn::name(rnn::Input::Values);
      if (values && !around_.series)
        option.why_not = "These data are letters. Load a table with numbers per position.";
      if (around_.series && !values) option.why_not = "These data are numbers, not letters.";
    }
    whole(kHere, "kmer", "k", "Letters per token", &ModelSpec::kmer, 1, 5).shown =
        spec_.input == rnn::Input::Kmers;
    Control& embedding = whole(kHere, "embedding", "Embedding",
                               "0: each kind of token has an input of its own (one-hot); else it is told by "
                               "so many learned numbers",
                               &ModelSpec::embedding, 0, 256);
    embedding.field.zero = "one-hot";
    if (spec_.embedding == 0)
      embedding.field.why_not = trouble("embedding", [](ModelSpec& s) { s.embedding = 8; });
  }

  const ModelSpec& spec_;
  const Surroundings& around_;
};

Surroundings surroundings(const Session& session) {
  Surroundings around;
  around.covariates = &session.covariates();
  around.series = session.has_data() && session.data().alphabet().is_series();
  if (session.has_data()) around.obstacle = [&session](rnn::Task task) { return session.obstacle(task); };
  return around;
}

}  // namespace

std::vector<Field> model_form(const Session& session) {
  const Surroundings around = surroundings(session);
  Table table(session.project().model, around);
  std::vector<Field> fields;
  for (Control& control : table.controls)
    if (control.shown) fields.push_back(std::move(control.field));
  return fields;
}

ModelSpec with_choice(const Session& session, ModelSpec spec, std::string_view key, const json& value) {
  const Surroundings around = surroundings(session);
  Table table(spec, around);
  for (const Control& control : table.controls) {
    if (control.field.key != key) continue;
    if (control.set(spec, value)) settle(spec, key, around);
    break;
  }
  return spec;
}

ModelSpec model_from(const Session& session, const json& message) {
  ModelSpec spec = session.project().model;
  const Surroundings around = surroundings(session);
  const Table table(spec, around);
  for (const Control& control : table.controls) {
    const auto value = message.find(control.field.key);
    if (value == message.end()) continue;
    if (control.set(spec, *value)) settle(spec, control.field.key, around);
  }
  return spec;
}

}  // namespace ribostep::session

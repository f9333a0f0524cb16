// Every setting of training as one table of controls; see form.h. What may change while it runs is
// rnn::apply's decision.
#include <algorithm>

#include "session/form_control.h"

namespace ribostep::session {
namespace {

using nlohmann::json;
using rnn::TrainConfig;

using Control = FormControl<TrainConfig>;

// What is known beside the settings themselves.
struct Surroundings {
  rnn::ModelSpec model;
  bool running = false;
};

constexpr const char* kWhileRunning = "Pause the training to change this.";

class Table {
 public:
  Table(const TrainConfig& config, const Surroundings& around) : config_(config), around_(around) { build(); }
  std::vector<Control> controls;

 private:
  Control& add(FieldKind kind, FieldSection section, const char* key, const char* label, const char* hint,
               double value) {
    Control control;
    control.field.kind = kind;
    control.field.section = section;
    control.field.key = key;
    control.field.label = label;
    control.field.hint = hint;
    TrainConfig copy = config_;
    if (around_.running && !rnn::apply(copy, {0, key, value})) control.field.why_not = kWhileRunning;
    controls.push_back(std::move(control));
    return controls.back();
  }

  Control& real(FieldKind kind, FieldSection section, const char* key, const char* label, const char* hint,
                double TrainConfig::*member, double low, double high, double speed) {
    Control& control = add(kind, section, key, label, hint, config_.*member);
    make_real(control, config_, member, low, high, speed);
    return control;
  }

  Control& whole(FieldSection section, const char* key, const char* label, const char* hint,
                 int TrainConfig::*member, int low, int high) {
    Control& control = add(FieldKind::Whole, section, key, label, hint, config_.*member);
    make_whole(control, config_, member, low, high);
    return control;
  }

  template <class E>
  Control& list(FieldSection section, const char* key, const char* label, const char* hint,
                E TrainConfig::*member) {
    Control& control = add(FieldKind::List, section, key, label, hint, 0);
    make_list(control, config_, member, [](E) { return std::string(); });
    return control;
  }

  Control& flag(FieldSection section, const char* key, const char* label, const char* hint,
                bool TrainConfig::*member, const char* why_not) {
    Control& control = add(FieldKind::Flag, section, key, label, hint, 0);
    make_flag(control, config_, member);
    if (why_not && !(config_.*member)) control.field.why_not = why_not;
    return control;
  }

  void build() {
    build_main();
    build_optimiser();
    build_data();
  }

  void build_main() {
    constexpr FieldSection kHere = FieldSection::Main;
    real(FieldKind::Real, kHere, "learning_rate", "Learning rate", "May be changed while it runs",
         &TrainConfig::learning_rate, 1e-6, 10, 0);
    whole(kHere, "max_epochs", "Epochs", "Times every training record is read", &TrainConfig::max_epochs, 1,
          10000);
    whole(kHere, "batch_size", "Batch", "Records per update", &TrainConfig::batch_size, 1, 4096);
    real(FieldKind::Share, kHere, "validation_fraction", "Validation",
         "Share of the records held out from training", &TrainConfig::validation_fraction, 0, 0.9, 0.0025);
  }

  void build_optimiser() {
    constexpr FieldSection kHere = FieldSection::Cell;
    const rnn::OptimiserKind kind = config_.optimiser;
    list(kHere, "optimiser", "Optimiser", "How a gradient becomes a change of the weights",
         &TrainConfig::optimiser);
    real(FieldKind::Real, kHere, "momentum", "Momentum", "Share of the last change that is kept in the next",
         &TrainConfig::momentum, 0, 0.999, 0.002)
        .shown = kind == rnn::OptimiserKind::Sgd || kind == rnn::OptimiserKind::Nesterov;
    const bool adam = kind == rnn::OptimiserKind::Adam || kind == rnn::OptimiserKind::AdamW;
    real(FieldKind::Real, kHere, "beta1", "Beta 1", "Memory of Adam's mean gradient", &TrainConfig::beta1, 0,
         0.99999, 0.002)
        .shown = adam;
    real(FieldKind::Real, kHere, "beta2", "Beta 2", "Memory of Adam's mean squared gradient",
         &TrainConfig::beta2, 0, 0.99999, 0.0005)
        .shown = adam;
    real(FieldKind::Real, kHere, "alpha", "Alpha", "Memory of RMSprop's mean squared gradient",
         &TrainConfig::alpha, 0, 0.99999, 0.002)
        .shown = kind == rnn::OptimiserKind::RmsProp;
    real(FieldKind::Real, kHere, "epsilon", "Epsilon", "Keeps a division finite", &TrainConfig::epsilon,
         1e-15, 1, 0)
        .shown = adam || kind == rnn::OptimiserKind::RmsProp;
    list(kHere, "schedule", "Schedule",
         "The learning rate over a run: constant, multiplied by a factor every so many epochs, or falling to "
         "0 along a cosine",
         &TrainConfig::schedule);
    const bool steps = config_.schedule == rnn::Schedule::Step;
    whole(kHere, "step_epochs", "Every", "Epochs between two steps of the learning rate",
          &TrainConfig::step_epochs, 1, 10000)
        .shown = steps;
    real(FieldKind::Real, kHere, "step_factor", "Times", "Factor of a step of the learning rate",
         &TrainConfig::step_factor, 0, 1, 0.002)
        .shown = steps;
    Control& warmup = whole(kHere, "warmup", "Warm-up",
                            "Updates over which the learning rate rises from 0 to its value; 0 is off",
                            &TrainConfig::warmup, 0, 1'000'000);
    warmup.field.zero = "off";
    Control& clip =
        real(FieldKind::Real, kHere, "clip_norm", "Clip norm",
             "Longest gradient an update may take; 0 is off", &TrainConfig::clip_norm, 0, 1000, 0.02);
    clip.field.zero = "off";
    real(FieldKind::Real, kHere, "weight_decay", "Weight decay",
         kind == rnn::OptimiserKind::AdamW ? "Decoupled from the gradient" : "L2 penalty",
         &TrainConfig::weight_decay, 0, 10, 0.0005);
    Control& patience = whole(kHere, "patience", "Patience",
                              "Epochs without a better validation loss before stopping; 0 is off",
                              &TrainConfig::patience, 0, 1000);
    patience.field.zero = "off";
  }

  void build_data() {
    constexpr FieldSection kHere = FieldSection::Cell;
    const rnn::Task task = around_.model.task;
    const bool classes = task == rnn::Task::SequenceLabel || task == rnn::Task::PositionLabel;
    flag(kHere, "class_weights", "Class weights",
         "Rare classes count for more: each class weighs the same in the loss", &TrainConfig::class_weights,
         classes ? nullptr : "There are no classes to weigh when the next symbol or vector is predicted.");
    flag(kHere, "random_rotation", "Rotate examples",
         "Each circular training sequence begins at another position every time it is read",
         &TrainConfig::random_rotation,
         around_.model.circular == rnn::Circular::Linear
             ? "Only a circle can be rotated. Choose a circular sequence under Model, Wiring."
             : nullptr);
    Control& window = whole(kHere, "window", "Pieces",
                            "Longer sequences are cut into pieces of so many positions; 0: whole sequences",
                            &TrainConfig::window, 0, 20000);
    window.field.zero = "whole";
    window.shown = task != rnn::Task::SequenceLabel;
    if (around_.model.circular != rnn::Circular::Linear)
      window.field.why_not = "A circle is read whole: the ends of a piece of it are no neighbours.";
    const auto set = window.set;
    window.set = [set](TrainConfig& config, const json& value) {
      const bool read = set(config, value);
      if (config.window == 1) config.window = 2;  // in one letter there is nothing to predict
      return read;
    };
  }

  const TrainConfig& config_;
  const Surroundings& around_;
};

}  // namespace

std::vector<Field> train_form(const Session& session) {
  const Surroundings around{session.project().model, session.training().state == TrainingState::Running};
  const TrainConfig config = session.train_settings();
  Table table(config, around);
  std::vector<Field> fields;
  for (Control& control : table.controls)
    if (control.shown) fields.push_back(std::move(control.field));
  return fields;
}

TrainConfig with_choice(TrainConfig config, std::string_view key, const json& value) {
  const Surroundings around;
  const Table table(config, around);
  for (const Control& control : table.controls)
    if (control.field.key == key) {
      control.set(config, value);
      break;
    }
  return config;
}

TrainConfig train_from(const Session& session, const json& message) {
  TrainConfig config = session.train_settings();
  for (const auto& item : message.items()) config = with_choice(config, item.key(), item.value());
  return config;
}

}  // namespace ribostep::session

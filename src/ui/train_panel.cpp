// TRAIN; see train_panel.h. Which settings may change while it runs is rnn::apply's decision.
#include "ui/train_panel.h"

#include <algorithm>
#include <cmath>

#include "ui/format.h"
#include "ui/widgets.h"

namespace ribostep::ui {
namespace {

using rnn::TrainConfig;
using session::TrainingState;

bool may_change(const TrainConfig& config, const char* key, double value, bool running) {
  if (!running) return true;
  TrainConfig copy = config;
  return rnn::apply(copy, {0, key, value});
}

void draw_buttons(Panel& p) {
  session::Session& s = p.session;
  const session::Training& training = s.training();
  const bool running = training.state == TrainingState::Running;
  const bool paused = training.state == TrainingState::Paused;
  const bool any = s.has_data();
  const float space = 4, full = ImGui::GetContentRegionAvail().x;
  const float small = std::max(std::floor(full * 0.26f), ImGui::CalcTextSize("1 update").x + 8);
  const float large = full - 2 * (small + space);
  if (running) {
    if (primary_button(p, "Pause###train", true, large)) s.pause();
    tip(p, "Keeps the weights of this moment; Train goes on from here");
  } else {
    if (primary_button(p, paused ? "Continue###train" : "Train###train", any, large)) s.train();
    tip(p, any ? "Trains in the background; step through the sequence while it learns"
               : "Needs sequences first");
  }
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, ImVec2(3, ImGui::GetStyle().FramePadding.y));
  ImGui::SameLine(0, space);
  if (button("1 update###once", any && !running, small)) s.train_once();
  tip(p, "One minibatch: forward, backward, one step of the optimiser");
  ImGui::SameLine(0, space);
  if (button("Stop", running || paused, small)) s.stop();
  tip(p, "Ends this run and keeps the weights");
  ImGui::PopStyleVar();
}

const char* finish_words(const session::Training& training) {
  if (training.state == TrainingState::Paused) return "paused";
  switch (training.finish) {
    case rnn::Finish::Epochs:
      return "all epochs done";
    case rnn::Finish::EarlyStop:
      return "stopped early: validation loss no longer fell";
    case rnn::Finish::NotFinite:
      return "stopped: a number became infinite";
    case rnn::Finish::Running:
      break;
  }
  return training.state == TrainingState::Finished ? "finished" : "";
}

void draw_progress(Panel& p) {
  const session::Training& training = p.session.training();
  if (training.planned <= 0 && training.updates == 0) return;
  const double share = training.planned > 0
                           ? static_cast<double>(training.updates) / static_cast<double>(training.planned)
                           : 0;
  std::string words = "update " + thousands(training.updates);
  if (training.planned > 0) words += " of " + thousands(training.planned);
  const std::string left = duration(training.seconds_left);
  if (training.state == TrainingState::Running && !left.empty()) {
    words += ", " + left + " left";
  } else if (const std::string end = finish_words(training); !end.empty()) {
    words += ", " + end;
  }
  ImGui::Spacing();
  if (training.planned > 0)
    progress(p, share, words);
  else
    dim(p, words);
  if (!training.trouble.empty()) severity_line(p, Severity::Error, training.trouble);
}

struct Metric {
  const char* name;
  double loss;  // NaN: not known
  std::int64_t correct, n;
  bool with_interval;
};

// Name, loss, accuracy, and how sure that accuracy is; small, because it stays in sight while training.
void metric_row(const Panel& p, const Metric& m) {
  ImGui::TableNextRow();
  ImGui::TableNextColumn();
  dim(p, m.name);
  const FontScope font(p.fonts.mono_small);
  ImGui::TableNextColumn();
  if (m.n > 0 && std::isfinite(m.loss))
    text(m.loss < 0.001 ? "<0.001" : significant(m.loss, m.loss < 0.01 ? 2 : 3));
  ImGui::TableNextColumn();
  text(accuracy(m.correct, m.n));
  ImGui::TableNextColumn();
  if (m.n >= kFewRecords) dim(p, thousands(m.n));
  ImGui::TableNextColumn();
  if (m.n < kFewRecords || !m.with_interval) return;
  const auto interval = experiment::wilson(static_cast<int>(m.correct), static_cast<int>(m.n));
  dim(p, interval_text(interval));
  tip(p, std::string(m.name) + ": " + thousands(m.correct) + " of " + thousands(m.n) + " right, " +
             uncertainty(m.n, interval));
}

void metric_headings(const Panel& p, bool per_sequence) {
  ImGui::TableSetupColumn("", ImGuiTableColumnFlags_WidthStretch);
  for (const char* sample : {"0.0000", "100.0 %", "00000", "100-100 %"}) {
    const FontScope font(p.fonts.small);
    ImGui::TableSetupColumn("", ImGuiTableColumnFlags_WidthFixed, ImGui::CalcTextSize(sample).x + 2);
  }
  ImGui::TableNextRow();
  ImGui::TableNextColumn();
  ImGui::TableNextColumn();
  dim(p, "loss");
  tip(p, "Mean cross-entropy, natural logarithm");
  ImGui::TableNextColumn();
  dim(p, "correct");
  ImGui::TableNextColumn();
  dim(p, "of");
  tip(p, "Records, or positions for a label per position");
  ImGui::TableNextColumn();
  if (!per_sequence) return;
  dim(p, "95 %");
  tip(p, "95 % interval of the share that is right (Wilson)");
}

void draw_metrics(Panel& p) {
  const session::Training& training = p.session.training();
  if (training.evaluations.empty()) return;
  const rnn::EvaluationPoint& now = training.evaluations.back();
  const bool per_sequence = p.session.project().model.task == rnn::Task::SequenceLabel;
  const auto& baselines = p.session.predictions().baselines;
  ImGui::PushStyleVar(ImGuiStyleVar_CellPadding, ImVec2(3, 1));
  if (ImGui::BeginTable("##metrics", 5,
                        ImGuiTableFlags_SizingStretchProp | ImGuiTableFlags_NoSavedSettings)) {
    metric_headings(p, per_sequence);
    metric_row(p, {"training", now.train_loss, now.train_correct, now.train_items, per_sequence});
    if (now.validation_items > 0) {
      metric_row(
          p, {"validation", now.validation_loss, now.validation_correct, now.validation_items, per_sequence});
    }
    // The simplest baselines come first: majority class and composition.
    for (std::size_t i = 0; i < std::min<std::size_t>(baselines.size(), 2); ++i) {
      const experiment::BaselineScore& b = baselines[i];
      if (b.applicable && b.n > 0)
        metric_row(p, {i == 0 ? "majority" : b.name.c_str(), std::nan(""), b.correct, b.n, per_sequence});
    }
    ImGui::EndTable();
  }
  ImGui::PopStyleVar();
  if (!per_sequence && now.validation_items > 0) {
    dim_wrapped(p, counted(now.validation_items, "validation position", "validation positions"));
  }
  if (baselines.empty() && per_sequence) {
    if (link(p, "Compare with simple baselines")) p.session.predict();
    tip(p, "Predicts every sequence and fits the simplest methods to the same training records");
  }
}

void draw_main_settings(Panel& p, TrainConfig& c, bool running, bool& changed) {
  row(p, "Learning rate", "May be changed while it runs");
  changed |= number(p, "##learning_rate", c.learning_rate, {1e-6, 10, 1, true, "%.4g"},
                    may_change(c, "learning_rate", c.learning_rate, running));
  row(p, "Epochs", "Times every training record is read");
  changed |=
      whole_number(p, "##epochs", c.max_epochs, 1, 10000, may_change(c, "max_epochs", c.max_epochs, running));
  row(p, "Batch", "Records per update");
  changed |= whole_number(p, "##batch", c.batch_size, 1, 4096, !running);
  row(p, "Validation", "Share of the records held out from training");
  double share = c.validation_fraction * 100;
  if (number(p, "##validation", share, {0, 90, 0.25, false, "%.0f %%"}, !running)) {
    c.validation_fraction = share / 100;
    changed = true;
  }
}

void draw_more_settings(Panel& p, TrainConfig& c, bool running, bool& changed) {
  const Choice optimisers[] = {{"SGD", {}}, {"RMSProp", {}}, {"Adam", {}}, {"AdamW", {}}};
  row(p, "Optimiser");
  ImGui::BeginDisabled(running);
  const int chosen = choose_from_list(p, "##optimiser", optimisers, static_cast<int>(c.optimiser));
  ImGui::EndDisabled();
  if (chosen >= 0) {
    c.optimiser = static_cast<rnn::OptimiserKind>(chosen);
    changed = true;
  }
  if (c.optimiser == rnn::OptimiserKind::Sgd) {
    row(p, "Momentum");
    changed |= number(p, "##momentum", c.momentum, {0, 0.999, 0.002, false, "%.3g"},
                      may_change(c, "momentum", c.momentum, running));
  }
  row(p, "Clip norm", "Longest gradient an update may take; 0 = off");
  changed |= number(p, "##clip", c.clip_norm, {0, 1000, 0.02, false, c.clip_norm > 0 ? "%.3g" : "off"},
                    may_change(c, "clip_norm", c.clip_norm, running));
  row(p, "Weight decay",
      c.optimiser == rnn::OptimiserKind::AdamW ? "Decoupled from the gradient" : "L2 penalty");
  changed |= number(p, "##decay", c.weight_decay, {0, 10, 0.0005, false, "%.3g"},
                    may_change(c, "weight_decay", c.weight_decay, running));
  row(p, "Patience", "Epochs without a better validation loss before stopping; 0 = off");
  changed |= whole_number(p, "##patience", c.patience, 0, 1000, !running);
  if (p.session.project().model.task != rnn::Task::SequenceLabel) {
    row(p, "Window", "Longer sequences are cut into pieces of this length; 0 = whole sequences");
    if (whole_number(p, "##window", c.window, 0, 20000, !running)) {
      if (c.window == 1) c.window = 2;
      changed = true;
    }
  }
}

}  // namespace

void draw_train_controls(Panel& p) {
  draw_buttons(p);
  draw_progress(p);
  draw_metrics(p);
}

void draw_train_settings(Panel& p) {
  TrainConfig config = p.session.train_settings();
  const bool running = p.session.training().state == TrainingState::Running;
  bool changed = false;
  draw_main_settings(p, config, running, changed);
  if (disclosure(p, "More settings")) draw_more_settings(p, config, running, changed);
  if (running) dim_wrapped(p, "Greyed settings can be changed while paused.");
  const std::string trouble = rnn::problem(config);
  if (!trouble.empty()) severity_line(p, Severity::Warning, trouble);
  if (changed && trouble.empty()) p.session.set_train(config);
}

}  // namespace ribostep::ui

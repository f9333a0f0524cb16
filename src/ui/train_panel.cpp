// TRAIN; see train_panel.h. What can be set, and what may change while it runs, is session::train_form's.
#include "ui/train_panel.h"

#include <algorithm>
#include <cmath>

#include "ui/form_widgets.h"
#include "ui/format.h"
#include "ui/train_metrics.h"
#include "ui/widgets.h"

namespace ribostep::ui {
namespace {

using session::TrainingState;

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

}  // namespace

void draw_train_controls(Panel& p) {
  draw_buttons(p);
  draw_progress(p);
  draw_train_metrics(p);
}

void draw_train_settings(Panel& p) {
  const bool running = p.session.training().state == TrainingState::Running;
  const std::vector<session::Field> fields = session::train_form(p.session);
  std::optional<Chosen> chosen;
  const auto draw = [&](bool main) {
    for (const session::Field& field : fields) {
      if ((field.section == session::FieldSection::Main) != main) continue;
      if (std::optional<Chosen> one = draw_field(p, field, !running)) chosen = std::move(one);
    }
  };
  draw(true);
  if (disclosure(p, "More settings")) draw(false);
  if (running) dim_wrapped(p, "Greyed settings can be changed while paused.");
  const std::string memory = session::memory_words(p.session.training_memory());
  if (!memory.empty()) dim_wrapped(p, memory);
  if (chosen)
    p.session.set_train(session::with_choice(p.session.train_settings(), chosen->key, chosen->value));
}

}  // namespace ribostep::ui

// MODEL; see model_panel.h. What can be chosen, and what cannot and why, is session::model_form's.
#include "ui/model_panel.h"

#include <algorithm>

#include "ui/form_widgets.h"
#include "ui/format.h"
#include "ui/widgets.h"
#include "ui/wiring_drawing.h"

namespace ribostep::ui {
namespace {

using session::FieldSection;

constexpr std::size_t kPictureLetters = 32;  // more than are ever drawn

struct Section {
  FieldSection section;
  const char* title;
};
constexpr Section kSections[] = {{FieldSection::Cell, "Cell options"},
                                 {FieldSection::Wiring, "Wiring"},
                                 {FieldSection::Initial, "Initial state"},
                                 {FieldSection::Input, "Input"}};

std::optional<Chosen> draw_fields(Panel& p, const std::vector<session::Field>& fields, FieldSection section) {
  std::optional<Chosen> chosen;
  for (const session::Field& field : fields) {
    if (field.section != section) continue;
    if (std::optional<Chosen> one = draw_field(p, field)) chosen = std::move(one);
  }
  return chosen;
}

void draw_picture(Panel& p, const rnn::ModelSpec& spec) {
  const std::string trouble = rnn::problem(spec);
  if (!trouble.empty()) return severity_line(p, Severity::Warning, trouble);
  draw_wiring(p, wiring_picture(spec, p.session.letters().substr(0, kPictureLetters)));
  dim_wrapped(p, session::wiring_words(spec));
}

// Whether the memory stays in [0, 1].
void draw_badge(Panel& p, const rnn::ModelSpec& spec) {
  const rnn::BoundedMemory memory = p.session.bounded_memory();
  const std::string words = session::bounded_words(spec, memory);
  if (words.empty()) return;
  if (memory.proven)
    icon_line(p, Icon::Check, p.theme.accent, words);
  else
    icon_line(p, memory.violated ? Icon::Error : Icon::Warning,
              memory.violated ? p.theme.error : p.theme.warning, words);
  tip(p,
      "A sigmoid candidate lies in (0, 1). With coupled gates c_t is a weighted mean of it and c_{t-1}, and "
      "so "
      "stays in [0, 1] if c_0 is there.");
}

void draw_facts(Panel& p) {
  const auto weights = static_cast<std::int64_t>(p.session.network().parameter_count);
  std::string facts = counted(weights, "weight", "weights");
  const std::size_t outputs = p.session.output_names().size();
  if (outputs > 0) facts += ", " + counted(static_cast<std::int64_t>(outputs), "output", "outputs");
  dim(p, facts);
  if (p.session.trained())
    tip(p, "Changing the model starts from new weights. Undo brings the trained ones back.");
  const std::string memory = session::memory_words(p.session.training_memory());
  if (!memory.empty()) dim_wrapped(p, memory);
}

void draw_start(Panel& p) {
  row(p, "Seed", "Decides the start and the order of training: the same seed gives the same bits");
  std::uint64_t seed = p.session.project().seed;
  if (seed_number("##seed", seed)) p.session.set_seed(seed);
  const float half = (ImGui::GetContentRegionAvail().x - ImGui::GetStyle().ItemSpacing.x) * 0.5f;
  if (button("Same start", p.session.trained(), half)) p.session.reset();
  tip(p, "Reset: forget the training and go back to the same start (same seed)");
  ImGui::SameLine();
  if (button("New start", true, half)) p.session.new_start();
  tip(p, "Forget the training and draw another start (next seed)");
}

}  // namespace

void draw_model_panel(Panel& p) {
  const rnn::ModelSpec spec = p.session.project().model;
  const std::vector<session::Field> fields = session::model_form(p.session);
  std::optional<Chosen> chosen = draw_fields(p, fields, FieldSection::Main);
  draw_picture(p, spec);
  draw_badge(p, spec);
  ImGui::Spacing();
  for (const Section& section : kSections) {
    if (!unfolding(p, section.title, session::section_words(spec, section.section))) continue;
    if (std::optional<Chosen> one = draw_fields(p, fields, section.section)) chosen = std::move(one);
    ImGui::Spacing();
  }
  draw_facts(p);
  ImGui::Spacing();
  draw_start(p);
  if (chosen) p.session.set_model(session::with_choice(p.session, spec, chosen->key, chosen->value));
}

}  // namespace ribostep::ui

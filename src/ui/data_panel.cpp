// DATA; see data_panel.h. Reading and labelling are Session's verbs; this only shows and asks.
#include "ui/data_panel.h"

#include <algorithm>

#include "ui/format.h"
#include "ui/toolbar.h"
#include "ui/widgets.h"

namespace ribostep::ui {
namespace {

using session::Session;

constexpr std::size_t kFewDiagnostics = 3;
constexpr int kMaxClassRows = 8;

const session::Example* loaded_example(const Session& s) {
  const std::string& id = s.project().data.example;
  for (const session::Example& e : s.examples()) {
    if (!id.empty() && e.id == id) return &e;
  }
  return nullptr;
}

void draw_source(Panel& p) {
  Session& s = p.session;
  if (!s.has_data()) {
    dim_wrapped(p, "No sequences yet.");
    return;
  }
  const std::string& name = s.project().data.name;
  {
    const FontScope font(p.fonts.bold);
    ImGui::PushTextWrapPos(0);
    text(name.empty() ? std::string_view("Sequences") : std::string_view(name));
    ImGui::PopTextWrapPos();
  }
  dim_wrapped(p, s.load_summary());
  if (const session::Example* e = loaded_example(s)) {
    if (link(p, "About this set and its licence")) p.state.licence_open = true;
    tip(p, e->traps.empty() ? e->description : "Traps: " + e->traps);
  }
}

void draw_intake(Panel& p) {
  Session& s = p.session;
  const float half = (ImGui::GetContentRegionAvail().x - ImGui::GetStyle().ItemSpacing.x) * 0.5f;
  if (button("Open file...", true, half)) p.session.ask_for_file();
  tip(p,
      "FASTA, a table (label, tab, sequence), or one sequence per line. Dropping a file on the page works "
      "too.");
  ImGui::SameLine();
  if (button("Type or edit...", true, half)) s.ask_for_text();
  tip(p, "A text field for sequences, one per line or as FASTA");
  dim(p, p.touch ? "or paste into the text field" : "or press Ctrl+V anywhere");
}

void draw_diagnostics(Panel& p) {
  const Diagnostics& all = p.session.diagnostics();
  if (all.empty()) return;
  ImGui::Spacing();
  const std::size_t shown = p.state.all_diagnostics ? all.size() : std::min(all.size(), kFewDiagnostics);
  for (std::size_t i = 0; i < shown; ++i) severity_line(p, all[i].severity, all[i].text());
  if (all.size() <= kFewDiagnostics) return;
  const std::string label =
      p.state.all_diagnostics ? "Show fewer" : "Show all " + thousands(static_cast<std::int64_t>(all.size()));
  if (link(p, (label + "###diagnostics").c_str())) p.state.all_diagnostics = !p.state.all_diagnostics;
}

void draw_record(Panel& p) {
  Session& s = p.session;
  const bio::Dataset& data = s.data();
  if (data.empty()) return;
  const int current = std::clamp(s.project().cursor.sequence, 0, data.size() - 1);
  row(p, "Sequence", "The one on screen");
  const float side = ImGui::GetFrameHeight() * 1.12f, inner = 3;
  const float middle = ImGui::GetContentRegionAvail().x - 2 * (side + inner);
  if (icon_button(p, "##previous_record", Icon::ChevronLeft, current > 0)) s.select_sequence(current - 1);
  tip(p, "Previous sequence");
  ImGui::SameLine(0, inner);
  int number_shown = current + 1;
  ImGui::SetNextItemWidth(middle);
  if (whole_number(p, "##record", number_shown, 1, data.size())) s.select_sequence(number_shown - 1);
  tip(p, "Drag, or click and type a number. All of them are in the Sequences tab.");
  ImGui::SameLine(0, inner);
  if (icon_button(p, "##next_record", Icon::ChevronRight, current + 1 < data.size()))
    s.select_sequence(current + 1);
  tip(p, "Next sequence");
  const std::string_view name = data.name(current), description = data.description(current);
  std::string facts(name);
  const bool series = data.alphabet_kind == bio::AlphabetKind::Series;
  facts += ", " + (series ? counted(data.length(current), "position", "positions")
                          : counted(data.length(current), "letter", "letters"));
  const bio::Labels& labels = s.labels();
  if (current < static_cast<int>(labels.of_record.size())) {
    const int cls = labels.of_record[static_cast<std::size_t>(current)];
    if (cls >= 0) facts += ", " + labels.classes[static_cast<std::size_t>(cls)];
  }
  if (data.circular(current)) facts += ", circular";
  dim_wrapped(p, facts);
  if (!description.empty()) tip(p, description);
}

void draw_alphabet(Panel& p) {
  // Real values have none, and letters of formal languages can be read in no other way.
  if (p.session.data().alphabet_kind >= bio::AlphabetKind::Series) return;
  static constexpr bio::AlphabetKind kKinds[] = {bio::AlphabetKind::Dna, bio::AlphabetKind::Rna,
                                                 bio::AlphabetKind::Protein};
  const Choice choices[] = {{"DNA", {}}, {"RNA", {}}, {"Protein", {}}};
  row(p, "Alphabet", "Found from the letters; reads the same letters again when changed");
  const int chosen =
      choose_segment(p, "##alphabet", choices, static_cast<int>(p.session.data().alphabet_kind));
  if (chosen >= 0) p.session.set_alphabet(kKinds[chosen]);
}

void count_classes(ClassCounts& cached, const bio::Labels& labels) {
  if (cached.of == labels.of_record.data() && cached.records == labels.of_record.size() &&
      cached.counts.size() == labels.classes.size()) {
    return;
  }
  cached.of = labels.of_record.data();
  cached.records = labels.of_record.size();
  cached.counts.assign(labels.classes.size(), 0);
  for (const int cls : labels.of_record) {
    if (cls >= 0) ++cached.counts[static_cast<std::size_t>(cls)];
  }
}

void draw_classes(Panel& p) {
  const bio::Labels& labels = p.session.labels();
  const int classes = static_cast<int>(labels.classes.size());
  count_classes(p.state.class_counts, labels);
  const std::vector<int>& counts = p.state.class_counts.counts;
  if (classes == 0) {
    dim_wrapped(p, "No classes under this rule.");
    return;
  }
  int most = 1;
  for (const int count : counts) most = std::max(most, count);
  const float start = ImGui::GetCursorPosX(), width = ImGui::GetContentRegionAvail().x;
  const FontScope font(p.fonts.small);
  const int shown = std::min(classes, kMaxClassRows);
  for (int c = 0; c < shown; ++c) {
    const int count = counts[static_cast<std::size_t>(c)];
    const std::string words = thousands(count);
    const float right = start + width - ImGui::CalcTextSize(words.c_str()).x;
    const float bar_left = start + width * 0.48f, bar_right = right - 10;
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float line = ImGui::GetTextLineHeight();
    ImGui::PushClipRect(at, ImVec2(at.x + width * 0.46f, at.y + line + 2), true);
    text(labels.classes[static_cast<std::size_t>(c)]);
    ImGui::PopClipRect();
    const float length = (bar_right - bar_left) * static_cast<float>(count) / static_cast<float>(most);
    ImGui::GetWindowDrawList()->AddRectFilled(
        ImVec2(at.x + bar_left - start, at.y + line * 0.30f),
        ImVec2(at.x + bar_left - start + std::max(length, 2.0f), at.y + line * 0.78f),
        faded(p.theme.accent, 0.65f), 2);
    ImGui::SameLine(right);
    dim(p, words);
  }
  if (classes > shown) dim(p, "and " + thousands(classes - shown) + " more classes");
  if (labels.unlabelled > 0) dim(p, counted(labels.unlabelled, "sequence", "sequences") + " without a label");
}

void draw_label_rule(Panel& p) {
  static constexpr bio::LabelRule kRules[] = {bio::LabelRule::Auto,     bio::LabelRule::Column,
                                              bio::LabelRule::KeyValue, bio::LabelRule::LastField,
                                              bio::LabelRule::LastWord, bio::LabelRule::None};
  static constexpr const char* kWords[] = {"automatic",        "own column", "label= in header",
                                           "after the last |", "last word",  "nowhere"};
  const bio::LabelRule rule = p.session.project().label_rule;
  const bio::LabelRule used = p.session.labels().rule;
  std::string automatic = kWords[0];
  Choice choices[std::size(kRules)];
  int current = 0;
  for (std::size_t i = 0; i < std::size(kRules); ++i) {
    choices[i].label = kWords[i];
    if (kRules[i] == rule) current = static_cast<int>(i);
    const bool found = rule == bio::LabelRule::Auto && kRules[i] == used;
    if (found)
      automatic = used == bio::LabelRule::None ? "automatic: none" : std::string("auto: ") + kWords[i];
  }
  choices[0].label = automatic.c_str();
  row(p, "Labels from", "Where the class of a sequence is written");
  const int chosen = choose_from_list(p, "##label_rule", choices, current);
  if (chosen >= 0) p.session.set_label_rule(kRules[chosen]);
  draw_classes(p);
}

void draw_negatives(Panel& p) {
  if (p.session.data().alphabet_kind == bio::AlphabetKind::Series) return;  // shuffles are of letters
  // Labels per position are something to learn from already.
  if (p.session.labels().classes.size() > 1 || p.session.data().empty() ||
      p.session.obstacle(rnn::Task::PositionLabel).empty()) {
    return;
  }
  const bool nucleic = p.session.data().alphabet().is_nucleic();
  subheading(p, "Something to tell them from");
  row(p, "Shuffle",
      "What the made-up negatives keep of the originals: how often each letter, each pair of neighbours, or "
      "each codon occurs");
  const std::string dna_only = "Codons need DNA or RNA.";
  const Choice choices[] = {
      {"letters", {}}, {"letter pairs", {}}, {"codons", nucleic ? std::string() : dna_only}};
  const int chosen = choose_from_list(p, "##negatives", choices, static_cast<int>(p.state.negatives));
  if (chosen >= 0) p.state.negatives = static_cast<bio::ShuffleKind>(chosen);
  if (button("Make negatives", true, -FLT_MIN)) p.session.make_negatives(p.state.negatives);
  tip(p, "Adds one shuffled copy of every sequence as a second class");
}

}  // namespace

void draw_data_panel(Panel& p) {
  draw_source(p);
  ImGui::Spacing();
  draw_intake(p);
  draw_diagnostics(p);
  if (p.session.has_data()) {
    ImGui::Spacing();
    draw_record(p);
    ImGui::Spacing();
    draw_alphabet(p);
    draw_label_rule(p);
    draw_negatives(p);
  }
  ImGui::Spacing();
  if (!p.session.has_data()) {
    subheading(p, "Built-in examples");
    draw_examples(p, ImGui::GetContentRegionAvail().x);
  } else if (disclosure(p, "Built-in examples")) {
    draw_examples(p, ImGui::GetContentRegionAvail().x);
  }
}

void draw_licence_popup(Panel& p) {
  constexpr const char* kId = "About this set###licence";
  if (p.state.licence_open && !ImGui::IsPopupOpen(kId)) ImGui::OpenPopup(kId);
  const ImVec2 screen = ImGui::GetMainViewport()->Size;
  ImGui::SetNextWindowPos(ImVec2(screen.x * 0.5f, screen.y * 0.5f), ImGuiCond_Always, ImVec2(0.5f, 0.5f));
  ImGui::SetNextWindowSize(ImVec2(std::min(560.0f, screen.x - 24), 0));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 7);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, 1);
  const bool open =
      ImGui::BeginPopupModal(kId, &p.state.licence_open, ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoResize);
  ImGui::PopStyleVar(2);
  if (!open) return;
  const session::Example* e = loaded_example(p.session);
  if (e == nullptr) {
    p.state.licence_open = false;
    ImGui::CloseCurrentPopup();
  } else {
    {
      const FontScope font(p.fonts.bold);
      text(e->title);
    }
    ImGui::PushTextWrapPos(0);
    text(e->description);
    const struct {
      const char* label;
      const std::string& words;
    } facts[] = {
        {"Traps", e->traps}, {"Please cite", e->citation}, {"Licence", e->licence}, {"Source", e->source}};
    std::string copy = e->title;
    for (const auto& fact : facts) {
      if (fact.words.empty()) continue;
      ImGui::Spacing();
      dim(p, fact.label);
      text(fact.words);
      copy += std::string("\n") + fact.label + ": " + fact.words;
    }
    ImGui::PopTextWrapPos();
    ImGui::Spacing();
    if (button("Copy")) post(p, {{"type", "copy"}, {"text", copy}});
    tip(p, "Citation, licence and source as text");
    ImGui::SameLine();
    if (button("Close")) {
      p.state.licence_open = false;
      ImGui::CloseCurrentPopup();
    }
  }
  ImGui::EndPopup();
}

}  // namespace ribostep::ui

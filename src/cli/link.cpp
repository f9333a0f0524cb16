// `ribostep link` makes a share link of a project file; `ribostep open` says what is in one, and whether the
// weights come out as the sender had them.
#include <cstdio>

#include "cli/commands.h"

namespace ribostep::cli {
namespace {

std::optional<io::WeightsAs> weights_as(const std::string& text) {
  if (text == "recipe") return io::WeightsAs::Recipe;
  if (text == "f32") return io::WeightsAs::Float32;
  if (text == "f16") return io::WeightsAs::Float16;
  return std::nullopt;
}

// Weights that came along are trained again from the recipe, as those of a recipe link are.
bool replay(Workbench& bench, const io::Project& sent, double limit_s) {
  if (sent.weights == nullptr || sent.updates == 0) return true;
  io::Project recipe = sent;
  recipe.weights = nullptr;
  return bench.open(recipe, limit_s);
}

// A recipe is promised only after it was seen to come out the same, and quickly enough to ask of everybody
// who opens the link.
std::optional<io::WeightsAs> best_form(Workbench& bench, const io::Project& sent) {
  constexpr double kLongestReplay = 5;  // seconds, here
  if (sent.start_weights) return io::WeightsAs::Float32;
  if (replay(bench, sent, kLongestReplay)) {
    const io::WeightsPtr& weights = bench.session().project().weights;
    if (weights && (sent.weights_hash.empty() || rnn::weights_hash(*weights) == sent.weights_hash))
      return io::WeightsAs::Recipe;
    complain("the recipe gives other weights than the file holds: the link carries the weights themselves");
  }
  return bench.open(sent) ? std::optional(io::WeightsAs::Float32) : std::nullopt;
}

Exit make_link(Arguments& arguments) {
  std::optional<io::WeightsAs> form = weights_as(arguments.text("--weights", "recipe"));
  if (!form)
    arguments.complain("--weights must be recipe, f32 or f16, not \"" + arguments.text("--weights") + "\"");
  Workbench bench(arguments);
  if (const Exit status = open_word(bench, arguments); status != kOk) return status;
  if (!arguments.has("--weights")) form = best_form(bench, *bench.opened());
  if (!form) return kFailed;
  const std::string fragment = bench.session().share_fragment(*form);
  if (fragment.size() > io::kMaxFragment) {
    complain("this project is too large for a link (" + std::to_string(fragment.size() / 1000) +
             " kB): send the file instead");
    return kFailed;
  }
  if (fragment.size() > io::kComfortableLink)
    complain("a link of " + std::to_string(fragment.size()) + " characters may be cut by mail or chat");
  std::printf("%s%s\n", arguments.text("--base", "http://localhost:8080/").c_str(), fragment.c_str());
  return kOk;
}

void print_project(const session::Session& session, const io::Project& sent) {
  const io::Project& project = session.project();
  if (!project.title.empty()) std::printf("title\t%s\n", project.title.c_str());
  std::printf("data\t%s: %s\n",
              project.data.example.empty() ? project.data.name.c_str() : project.data.example.c_str(),
              session.load_summary().c_str());
  std::printf("model\t%s\n", describe(project.model).c_str());
  std::printf("recipe\tseed %llu, %lld updates, %s\n", static_cast<unsigned long long>(sent.seed),
              static_cast<long long>(sent.updates), describe(sent.train).c_str());
  for (const rnn::SettingChange& change : sent.changes)
    std::printf("change\tbefore update %lld: %s = %g\n", static_cast<long long>(change.update),
                change.key.c_str(), change.value);
  std::printf("cursor\t%s, position %d of %d\n",
              std::string(session.data().name(project.cursor.sequence)).c_str(), session.position(),
              session.length());
}

Exit open_link(Arguments& arguments) {
  Workbench bench(arguments);
  if (const Exit status = open_word(bench, arguments); status != kOk) return status;
  const io::Project sent = *bench.opened();
  if (arguments.has("--replay") && !replay(bench, sent, 1e9)) return kFailed;
  print_project(bench.session(), sent);
  const io::WeightsPtr& weights = bench.session().project().weights;
  if (!weights) {
    complain("the weights could not be computed");
    return kFailed;
  }
  const std::string found = rnn::weights_hash(*weights);
  const bool computed = sent.weights == nullptr || arguments.has("--replay");
  std::printf("weights\t%s, %s\n", found.c_str(), computed ? "trained again" : "as sent");
  if (sent.weights_hash.empty()) return kOk;
  const bool same = sent.weights_hash == found;
  std::printf("sender's\t%s, %s\n", sent.weights_hash.c_str(), same ? "the same bits" : "NOT the same");
  return same ? kOk : kFailed;
}

}  // namespace

const Command kLink = {
    "link",
    "FILE",
    "a share link of a project file",
    1,
    {{{"--weights", "HOW",
       "recipe (retrained on opening), f32 or f16; default: recipe if that takes under 5 s here"},
      {"--base", "URL", "where the page is (http://localhost:8080/)"}}},
    &make_link};

const Command kOpen = {"open",
                       "LINK|FILE",
                       "what is in a link; trains again and compares the weights",
                       1,
                       {{{"--replay", nullptr, "train again even when the weights came along"}}},
                       &open_link};

}  // namespace ribostep::cli

// `ribostep`: the Session of the page without a screen. Each command lies in a file of its own.
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "base/version.h"
#include "cli/commands.h"

namespace {

using namespace ribostep::cli;

const Command* const kCommands[] = {
    &kRead,   &kTrain,   &kCrossValidate, &kStep,         &kPredict,   &kScan,  &kLink,     &kOpen,
    &kExport, &kForward, &kSensitivity,   &kEquivariance, &kAttribute, &kMotif, &kLanguage, &kExtract};

void print_overview(std::FILE* out) {
  std::fprintf(out, "ribostep: recurrent networks over DNA, RNA and protein, step by step\n\n");
  for (const Command* command : kCommands)
    std::fprintf(out, "  ribostep %-12s %s\n", command->name, command->summary);
  std::fprintf(
      out,
      "\n`ribostep COMMAND --help` shows a command's options. Exit status: 0 good, 1 the input or the "
      "result is not, 2 the words\nof the command are not understood.\n");
}

std::vector<std::vector<Option>> options_of(const Command& command) {
  std::vector<std::vector<Option>> groups = command.options;
  groups.push_back(kCommonOptions);
  return groups;
}

void print_help(const Command& command) {
  std::printf("ribostep %s %s [options]\n%s\n\n%s", command.name, command.words, command.summary,
              help_text(options_of(command)).c_str());
  if (command.notes != nullptr) std::printf("\n%s", command.notes);
}

int usage_error(const std::string& problem, const std::string& help) {
  const std::size_t end = problem.find_last_not_of(". ");
  complain(problem.substr(0, end == problem.npos ? 0 : end + 1) + "; see `" + help + "`");
  return kUsage;
}

int run(const std::vector<std::string>& words) {
  if (words.empty() || words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    print_overview(words.empty() ? stderr : stdout);
    return words.empty() ? kUsage : kOk;
  }
  if (words[0] == "--version") {
    std::printf("ribostep %s (%s)\n", std::string(ribostep::version()).c_str(),
                std::string(ribostep::commit()).c_str());
    return kOk;
  }
  for (const Command* command : kCommands) {
    if (words[0] != command->name) continue;
    const std::vector<std::vector<Option>> groups = options_of(*command);
    Arguments arguments(std::span<const std::string>(words).subspan(1), groups, command->max_words);
    if (arguments.has("--help")) {
      print_help(*command);
      return kOk;
    }
    const std::string help = "ribostep " + words[0] + " --help";
    if (!arguments.problem().empty()) return usage_error(arguments.problem(), help);
    const Exit status = command->run(arguments);
    if (status == kUsage) return usage_error(arguments.problem(), help);
    return status;
  }
  return usage_error("there is no command \"" + words[0] + "\"", "ribostep --help");
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& error) {  // out of memory, for instance
    complain(std::string("gave up: ") + error.what());
    return kFailed;
  }
}

// What the files of Machine share.
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "session/machine.h"

namespace ribostep::session {

inline constexpr int kCodedAtOnce = 40;  // states: larger machines are written into units when asked for
inline constexpr std::size_t kLabelledLetters = 400'000;  // of the data, at most, when a machine labels them

// All stages of a setup; `code` only for machines of at most kCodedAtOnce states.
MachineStages make_stages(const io::MachineSetup& setup);
// Letters of a machine: those of a language's alphabet, or of the pattern's.
bio::AlphabetKind alphabet_of(const io::MachineSetup& setup);
// "TATAWAW", "Tomita 4".
std::string machine_title(const io::MachineSetup& setup);
// The class that means "accepted" by its name ("1", "accepted", "match", "yes"), else -1.
int accepting_class(const std::vector<std::string>& names);
// A difference between two machines or a machine and a network, as a string people read.
std::string word_in(const motif::Word& word, std::string_view symbols);

// LockStep being made.
struct LockBuilder {
  LockStep made;
  std::uint64_t stages = 0;  // Machine::stages_serial() it is made of
  int at = 0;                // positions done
};

struct Machine::Parts {
  io::MachineSetup setup;  // what `stages` were made of
  std::unique_ptr<MachineStages> stages;
  std::uint64_t stages_serial = 0;
  // code(): of the project's compiled construction.
  std::unique_ptr<motif::Code> code;
  std::uint64_t code_of = 0;
  std::optional<motif::Construction> code_how;
  Weights pristine_of;  // weights that were compared, and what came out
  double pristine_gain = 0;
  bool pristine = false;

  std::unique_ptr<LockStep> lock;
  std::unique_ptr<LockBuilder> builder;
  std::uint64_t lock_stages = 0;  // stages_serial of `lock`
  bool lock_present = false;
  std::uint64_t tracks = 0;

  // Of what was asked last, and of what was found.
  About check_asked, extract_asked, check_about, extract_about;
  // What the network was last compiled from, while something else is being typed.
  io::MachineSetup compiled_setup;
  Weights compiled_start;
  std::optional<rnn::ModelSpec> compiled_spec;  // of code()
  // The machine along letters depends on no weights.
  motif::Run run;
  std::string run_letters;
  std::uint64_t run_stages = 0;
};

}  // namespace ribostep::session

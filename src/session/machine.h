// Networks as state machines: a motif becomes an automaton, the automaton weights; the network and the
// machine step together; and from a trained network a machine is got out again. Stages and the machine along
// the current sequence are made here, proofs and extractions in the worker.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "motif/agreement.h"
#include "motif/compile.h"
#include "motif/extract.h"
#include "motif/languages.h"
#include "motif/proof.h"
#include "session/facet.h"
#include "session/session.h"

namespace ribostep::session {

class Section;

// ---- what crosses the border to the worker (machine_pack.cpp)
nlohmann::json to_json(const motif::Dfa& machine);
std::optional<motif::Dfa> dfa_from(const nlohmann::json& json);  // none: damaged, or too large
nlohmann::json to_json(const motif::Extraction& extraction);
nlohmann::json to_json(const motif::ExtractionOptions& options);
motif::ExtractionOptions extraction_options_from(const nlohmann::json& json);
std::unique_ptr<motif::Extraction> extraction_from(const nlohmann::json& json);

inline constexpr int kMostExtractedStates = 200, kMostClusters = 60;

// All stages of what is typed, as far as they can be made.
struct MachineStages {
  io::MachineSetup setup;                 // made of this
  Diagnostics diagnostics;                // of the pattern; an Error: no stages
  std::string problem;                    // a stage that grows too large, or accepts all or nothing
  std::optional<motif::Pattern> pattern;  // none for a language
  std::optional<motif::Nfa> nfa;
  std::optional<motif::Dfa> dfa, minimal;
  std::vector<motif::Word> access;                         // of minimal
  std::optional<motif::Code> code[motif::kConstructions];  // by motif::Construction
  bool ok() const { return minimal.has_value() && problem.empty(); }
};

// What the worker found of network and machine.
struct MachineCheck {
  bool with_network = false;  // else the stages alone: the network is of other letters, or not of the shape
  std::string without;        // why
  motif::Proof proof;
  motif::AgreementReport agreement;
};

nlohmann::json to_json(const MachineCheck& check);
std::unique_ptr<MachineCheck> check_from(const nlohmann::json& json);

// The machine along the current sequence beside the network. Positions as io::Cursor: 0 is before the first
// letter.
struct LockStep {
  std::uint64_t trace = 0;         // Session::trace_serial() it was made of
  motif::Run machine;              // [length + 1]
  std::vector<std::int16_t> told;  // [length + 1]: the state the network's units tell; -1: none. Empty where
                                   // the units do not stand for states
  std::vector<std::uint8_t> accepted;        // [length + 1]: what the network says
  std::vector<std::uint32_t> disagreements;  // positions, ascending, where state or acceptance differ
  int compared = 0;  // positions at which the network tells something that can be compared
  int unclear = 0;   // positions where an ambiguity code leaves the machine's state open
};

class Machine : public Facet {
 public:
  Machine(Session& session, Session::State& state);
  ~Machine() override;

  // ---- the pattern or language; part of the project, undoable (typing in a row is one step)
  void set(const io::MachineSetup& setup);
  const io::MachineSetup& setup() const;  // of the project; an empty one where there is none
  // Made when somebody asks, anew for another setup. Never null.
  const MachineStages& stages() const;
  std::uint64_t stages_serial() const;  // grows when they change
  // One line of each stage: "11 states, 29 edges".
  std::string summary() const;

  // ---- into weights
  // Why the machine cannot be compiled (or made data of) now and what to do; empty when it can.
  std::string compile_obstacle(motif::Construction how) const;
  // The current sequences with the machine's labels, the network and its weights; undoable as one step.
  // Without sequences over the same letters: sampled ones.
  void compile(motif::Construction how);
  // The weights of the compiled network are still those of setup().gain, as nobody has trained or edited
  // them.
  bool pristine() const;
  bool compiled() const;  // the network has the compiled one's shape, so that its units stand for states
  const motif::Code* code() const;                     // of a compiled network; else null
  void set_gain(double gain, bool continues = false);  // compiles the weights anew with it
  void perturb(double deviation, std::uint64_t seed);  // adds normal noise to every weight; undoable

  // ---- data of a language or a pattern to learn from
  void make_data(const motif::SampleOptions& options);
  // The model and settings of the recipe for learning languages (docs), with this cell; the data stay.
  void use_recipe(rnn::CellKind cell);

  // ---- proof (worker)
  std::string check_obstacle() const;
  void check(std::int64_t letters = 1'000'000);
  const MachineCheck* checked() const { return checked_.get(); }
  bool check_busy() const { return check_id_ != 0; }
  bool check_stale() const;  // of other weights
  double check_progress() const { return check_progress_; }
  const std::string& check_failure() const { return check_failure_; }
  std::string check_words() const;    // what was found, in a sentence or two; empty without
  std::string extract_words() const;  // likewise

  // ---- lock-step
  const LockStep* lock_step() const;  // null: none, or being made
  std::string lock_obstacle() const;  // why there is none; empty when there is or will be
  // Why the network tells nothing that could be compared with the machine, though the machine is followed;
  // empty when it does.
  std::string lock_note() const;
  // At the cursor: "machine s2 AC; network s2; agree".
  std::string lock_words(int position) const;
  // While a compiled network is trained or edited: the update at which it was first seen to disagree on the
  // sequence on screen; -1: not yet.
  std::int64_t broke_at() const { return broke_at_; }
  void jump_to_disagreement();  // the next one behind the cursor, from the start again at the end

  // ---- back again (worker)
  std::string extract_obstacle(bool clusters) const;
  void extract(const motif::ExtractionOptions& options, int accept_class);
  const motif::Extraction* extracted() const { return extracted_.get(); }
  const std::vector<motif::Word>& extracted_access() const { return extracted_access_; }
  bool extract_busy() const { return extract_id_ != 0; }
  bool extract_stale() const;
  double extract_progress() const { return extract_progress_; }
  const std::string& extract_stage() const { return extract_stage_; }
  const std::string& extract_failure() const { return extract_failure_; }
  // Of the network's classes the one that means "accepted": by its name, or of two the positive one; -1:
  // none.
  int accept_class() const;
  int asked_class() const;  // of extracted(): the class that counted as accepting
  bool told_empty() const;  // the extraction was told about the empty string by the machine of that moment
  // The shortest string on which the extracted and the true machine (stages()) differ; none where they are
  // the same language, there is no true one, or their letters are not the same.
  struct Comparison {
    bool possible = false, same = false;
    motif::Word shortest;
    bool machine_accepts = false;  // the true one
  };
  const Comparison& comparison() const { return comparison_; }
  // The counterexample (of the comparison, else of the extraction) put into the training data, and training
  // goes on with the weights there are.
  std::string counterexample_obstacle() const;
  void learn_counterexample(bool train);

  void cancel_check();
  void cancel_extract();

  std::span<const VerbEntry> verbs() const override;
  bool update(double now_seconds) override;
  bool has_work() const override;
  void work_slice() override;
  bool hear(const Message& message) override;
  void worker_lost() override;
  void project_changed() override;
  std::uint64_t tracks_revision() const override;
  void mirror(nlohmann::json& sections) const override;

 private:
  using Weights = std::shared_ptr<const std::vector<float>>;
  struct About {      // what a question was about
    Weights weights;  // null: of the untrained twin
    io::MachineSetup setup;
    rnn::ModelSpec model;
    std::string symbols;  // of the data
    std::uint64_t seed = 0;
    int cls = -1;
    bool told_empty = false;
  };
  About about_now() const;
  bool current(const About& about) const;  // of the weights on show
  struct Parts;
  bool fits(const About& about, bool machine_too) const;
  void ask(const char* what, nlohmann::json question, int& id);
  void take_result(const Message& message, bool check);
  void adopt_data(io::Project next, bio::DatasetPtr set, const std::string& name, bio::LabelRule rule);
  void take_back(bool check);
  void compare_machines();
  std::string told_by(int position) const;
  void mirror_lines(Section& section) const;
  void mirror_controls(Section& section) const;
  void set_compiled_weights(const char* label, bool continues, std::vector<float> weights);

  Session& session_;
  Session::State& state_;
  std::unique_ptr<Parts> parts_;
  int check_id_ = 0, extract_id_ = 0;
  double check_progress_ = 0, extract_progress_ = 0;
  std::string check_failure_, extract_failure_, extract_stage_;
  std::unique_ptr<MachineCheck> checked_;
  std::unique_ptr<motif::Extraction> extracted_;
  std::vector<motif::Word> extracted_access_;
  Comparison comparison_;
  std::int64_t broke_at_ = -1;
};

}  // namespace ribostep::session

// A machine learned by asking: a discrimination tree (Kearns & Vazirani 1994) whose inner nodes are endings
// that tell states apart, grown by counterexamples that are cut by halving (Rivest & Schapire 1993).
#pragma once
#include <memory>
#include <string>

#include "motif/extract.h"
#include "motif/sampling.h"

namespace ribostep::motif {

// Agreement on held-out strings, some at a time.
class FidelityRun {
 public:
  // `given`: strings of the data that nothing was made from; may be empty. Must outlive this.
  FidelityRun(const Dfa& machine, int longest, std::uint64_t seed, std::span<const Word> given);
  bool run(NetworkLanguage& language, int strings);  // true: finished
  const Fidelity& result() const { return result_; }

 private:
  StringSampler sampler_;
  std::span<const Word> given_;
  int longest_;
  Random random_;
  Fidelity result_;
};
inline constexpr int kHeldOut = 1000;

class LStar {
 public:
  // `strings`: tried too, and what they are with a letter changed; must outlive this.
  LStar(NetworkLanguage& language, const ExtractionOptions& options, std::span<const Word> strings);
  // About so many strings are asked, a long one counting as several: never more than
  // kLettersPerQuestion * questions letters and two batches. True: finished.
  bool run(int questions);
  static constexpr int kTogether = 64, kLettersTogether = 4096;  // a batch: strings, letters
  static constexpr int kLettersPerQuestion = 32;
  double progress() const { return progress_; }
  std::string stage() const;
  void finish(Extraction& result) const;  // all but the fidelity

 private:
  struct Node {
    Word ending;
    int child[2] = {-1, -1};  // by the answer to the state's access word and the ending
    int state = -1;           // leaf
  };
  // A transition on its way down the tree.
  struct Pending {
    int state = 0, letter = 0, node = 0;
  };
  // Prefix, Cut: counterexample_ is being made shorter. Last: at the limit of states, looking for a shorter
  // counterexample.
  enum class Phase : std::uint8_t { Sifting, Short, Long, Prefix, Cut, Last, Done };

  int letters() const { return static_cast<int>(language_.symbols().size()); }
  int states() const { return static_cast<int>(access_.size()); }
  int& next(int state, int letter) {
    return hypothesis_.next[static_cast<std::size_t>(state * letters() + letter)];
  }
  bool over() const { return language_.asked() >= options_.max_questions; }
  int add_state(Word access);
  int leaf(int parent, int side, int state);
  std::vector<std::uint8_t> ask(std::span<const Word> words);
  bool differs(const Word& word, bool says) const {
    return hypothesis_.accepts(hypothesis_.run(word)) != says;
  }
  void sift();
  void propose();
  void begin_short(Phase phase);
  void compare(bool all_short);
  Word long_word();
  void refute(Word word, bool shorten);
  void shorten();
  void use_counterexample();
  void split(const Word& word);

  NetworkLanguage& language_;
  ExtractionOptions options_;
  int all_up_to_ = 0;
  std::span<const Word> given_;
  std::int64_t short_words_ = 0, long_words_ = 0, tried_ = 0;
  Word at_;                           // the next short word
  std::size_t cut_at_ = 0, cut_ = 1;  // Prefix: length tried next; Cut: next letters to go, and how many
  bool cut_some_ = false;             // in this round of single letters
  std::int64_t spent_ = 0;            // in this run()
  Random random_;
  std::unique_ptr<StringSampler> sampler_;

  std::vector<Node> nodes_;
  std::vector<int> leaf_of_;
  std::vector<Word> access_;
  std::vector<Pending> pending_;
  Dfa hypothesis_, shown_;  // being made; the last one that was complete
  std::optional<Word> counterexample_;
  int rounds_ = 0;
  bool settled_ = false;
  Phase phase_ = Phase::Sifting;
  double progress_ = 0;
};

}  // namespace ribostep::motif

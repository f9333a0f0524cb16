// A machine from where a network's states lie: k-means (Lloyd 1982; seeds as Arthur & Vassilvitskii 2007),
// each cluster a state, each transition where most of its kind go (Omlin & Giles 1996).
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "motif/lstar.h"

namespace ribostep::motif {

class Clusters {
 public:
  // `given` must outlive this.
  Clusters(NetworkLanguage& language, const ExtractionOptions& options, const GivenStrings& given);
  bool run(int questions);  // true: finished
  double progress() const;
  std::string stage() const;
  void finish(Extraction& result);  // all, the fidelity too

 private:
  // A way of cutting the states into clusters.
  struct Cut {
    std::vector<float> centres;  // [k][width]
    std::vector<int> of;         // [points]
    double spread = 0;           // sum of squared distances
  };
  int points() const { return static_cast<int>(accepted_.size()); }
  const float* point(int i) const { return states_.data() + static_cast<std::size_t>(i) * width_; }
  void read_strings();
  int nearest(const std::vector<float>& centres, const float* x, double& distance) const;
  Cut seeded(int k, int restart) const;
  bool improve(Cut& cut) const;  // false: it stays as it is
  int follow(Word word, std::size_t letter);
  void make_machine();
  void choose();

  NetworkLanguage& language_;
  ExtractionOptions options_;
  std::span<const Word> held_out_;
  std::vector<Word> words_;
  std::size_t width_ = 0;
  // All states along the words, without the initial one.
  std::vector<float> states_;
  std::vector<std::uint8_t> accepted_;
  std::vector<int> word_of_, at_;  // [points]; at_: letters read
  std::size_t read_ = 0;

  int k_ = 2, restart_ = 0, round_ = 0;
  Cut cut_, best_cut_;
  struct Tried {
    ClusterRow row;
    Dfa machine;
    std::vector<float> centres;
    std::vector<int> state_of;
  };
  std::vector<Tried> tried_;
  std::optional<FidelityRun> fidelity_;
  int chosen_ = -1;
  bool done_ = false;
};

}  // namespace ribostep::motif

// See lstar.h: states and transitions from questions, hypotheses tried on every short string and on random
// long ones.
#include "motif/lstar.h"

#include <algorithm>

namespace ribostep::motif {
namespace {

constexpr std::size_t kCutsTogether = 16;  // few: those behind the first that does are for nothing
constexpr std::int64_t kMostShort = 100'000;

Word joined(const Word& a, int letter, const Word& b) {
  Word word = a;
  if (letter >= 0) word.push_back(static_cast<std::uint8_t>(letter));
  word.insert(word.end(), b.begin(), b.end());
  return word;
}

std::int64_t letters_of(std::span<const Word> words) {
  std::int64_t letters = 0;
  for (const Word& word : words) letters += static_cast<std::int64_t>(word.size());
  return letters;
}

int some_length(Random& random, int from, int to) {
  return from + static_cast<int>(random.below(static_cast<std::uint32_t>(std::max(1, to - from + 1))));
}

}  // namespace

FidelityRun::FidelityRun(const Dfa& machine, int longest, std::uint64_t seed, std::span<const Word> given)
    : sampler_(machine, std::max(1, longest)),
      given_(given),
      longest_(std::max(1, longest)),
      random_(seed, 31) {}

bool FidelityRun::run(NetworkLanguage& language, int strings) {
  std::vector<Word> words;
  for (int k = result_.strings; k < kHeldOut && k < result_.strings + strings; ++k) {
    const int length = some_length(random_, 1, longest_);
    if (k % 4 == 3 && !given_.empty())
      words.push_back(given_[random_.below(static_cast<std::uint32_t>(given_.size()))]);
    else
      words.push_back(k % 2 == 1 && sampler_.possible(true, length) ? sampler_.draw(true, length, random_)
                                                                    : sampler_.any(length, random_));
  }
  const std::vector<std::uint8_t> says = language.accepts(words);
  for (std::size_t i = 0; i < words.size(); ++i)
    result_.same += sampler_.dfa().accepts(sampler_.dfa().run(words[i])) == (says[i] != 0) ? 1 : 0;
  result_.strings += static_cast<int>(words.size());
  return result_.strings >= kHeldOut;
}

LStar::LStar(NetworkLanguage& language, const ExtractionOptions& options, std::span<const Word> strings)
    : language_(language), options_(options), given_(strings), random_(options.seed, 30) {
  long_words_ = static_cast<std::int64_t>(given_.size()) + options.random_strings;
  std::int64_t of_length = 1;
  for (int length = 0; length <= options_.all_up_to; ++length, of_length *= letters()) {
    if (short_words_ + of_length > kMostShort) break;
    short_words_ += of_length;
    all_up_to_ = length;
  }
  options_.longest = std::max(options_.longest, all_up_to_ + 1);
  options_.max_states = std::max(options_.max_states, 2);
  hypothesis_.symbols = language_.symbols();
  nodes_.push_back({});
  leaf(0, language_.accepts(Word{}) ? 1 : 0, add_state({}));
}

int LStar::add_state(Word access) {
  access_.push_back(std::move(access));
  const int state = states() - 1;
  leaf_of_.push_back(-1);
  hypothesis_.next.resize(access_.size() * static_cast<std::size_t>(letters()), -1);
  hypothesis_.accepting.push_back(0);
  for (int a = 0; a < letters(); ++a) pending_.push_back({state, a, 0});
  return state;
}

int LStar::leaf(int parent, int side, int state) {
  Node node;
  node.state = state;
  nodes_.push_back(std::move(node));
  const int index = static_cast<int>(nodes_.size()) - 1;
  nodes_[static_cast<std::size_t>(parent)].child[side] = index;
  leaf_of_[static_cast<std::size_t>(state)] = index;
  return index;
}

std::vector<std::uint8_t> LStar::ask(std::span<const Word> words) {
  spent_ += std::max(static_cast<std::int64_t>(words.size()), letters_of(words) / kLettersPerQuestion);
  return language_.accepts(words);
}

// Some pending transitions one node further down. Only at the root a side may still be empty: then what came
// there is a new state.
void LStar::sift() {
  std::vector<Pending> batch;
  std::vector<Word> words;
  std::size_t length = 0;
  while (!pending_.empty() && words.size() < kTogether && length < kLettersTogether) {
    const Pending p = pending_.back();
    pending_.pop_back();
    batch.push_back(p);
    words.push_back(joined(access_[static_cast<std::size_t>(p.state)], p.letter,
                           nodes_[static_cast<std::size_t>(p.node)].ending));
    length += words.back().size();
  }
  const std::vector<std::uint8_t> says = ask(words);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    Pending& p = batch[i];
    const int side = says[i] != 0 ? 1 : 0;
    int child = nodes_[static_cast<std::size_t>(p.node)].child[side];
    if (child < 0) {
      const int state = add_state(words[i]);  // the root's ending is empty
      child = leaf(p.node, side, state);
    }
    const int state = nodes_[static_cast<std::size_t>(child)].state;
    if (state >= 0)
      next(p.state, p.letter) = state;
    else
      pending_.push_back({p.state, p.letter, child});
  }
}

void LStar::propose() {
  if (states() > options_.max_states && counterexample_) {  // one split can bring two states
    hypothesis_ = shown_;
    return begin_short(Phase::Last);
  }
  // Below the root acceptance is that of the side of the tree.
  std::vector<std::pair<int, std::uint8_t>> open;
  for (const int side : {0, 1})
    if (const int child = nodes_[0].child[side]; child >= 0)
      open.emplace_back(child, static_cast<std::uint8_t>(side));
  while (!open.empty()) {
    const auto [index, side] = open.back();
    open.pop_back();
    const Node& node = nodes_[static_cast<std::size_t>(index)];
    if (node.state >= 0)
      hypothesis_.accepting[static_cast<std::size_t>(node.state)] = side;
    else
      for (const int child : node.child) open.emplace_back(child, side);
  }
  ++rounds_;
  // A counterexample may have more to tell.
  if (counterexample_) {
    const Word word = *counterexample_;
    if (differs(word, ask(std::span(&word, 1)).front() != 0)) return refute(word, false);
  }
  shown_ = hypothesis_;
  counterexample_.reset();
  begin_short(Phase::Short);
}

void LStar::begin_short(Phase phase) {
  phase_ = phase;
  tried_ = 0;
  at_.clear();
}

Word LStar::long_word() {
  if (tried_ < static_cast<std::int64_t>(given_.size())) return given_[static_cast<std::size_t>(tried_)];
  if (tried_ % 8 == 1 && !given_.empty()) {
    Word word = given_[random_.below(static_cast<std::uint32_t>(given_.size()))];
    word[random_.below(static_cast<std::uint32_t>(word.size()))] =
        static_cast<std::uint8_t>(random_.below(static_cast<std::uint32_t>(letters())));
    return word;
  }
  const int length = some_length(random_, all_up_to_ + 1, options_.longest);
  if (tried_ % 2 == 0) return sampler_->any(length, random_);
  if (tried_ % 4 == 1) return sampler_->near_miss(length, random_);
  const bool accepted = tried_ % 8 == 3;
  return sampler_->possible(accepted, length) ? sampler_->draw(accepted, length, random_)
                                              : sampler_->any(length, random_);
}

void LStar::compare(bool all_short) {
  const std::int64_t all = all_short ? short_words_ : long_words_;
  std::vector<Word> words;
  std::size_t length = 0;
  for (; words.size() < kTogether && length < kLettersTogether && tried_ < all; ++tried_) {
    if (!all_short) {
      words.push_back(long_word());
      length += words.back().size();
      continue;
    }
    words.push_back(at_);
    std::size_t k = at_.size();  // the next one in order
    while (k > 0 && at_[k - 1] + 1 == letters()) at_[--k] = 0;
    if (k > 0)
      ++at_[k - 1];
    else
      at_.insert(at_.begin(), 0);
  }
  const std::vector<std::uint8_t> says = ask(words);
  for (std::size_t i = 0; i < words.size(); ++i)
    if (differs(words[i], says[i] != 0)) return refute(std::move(words[i]), !all_short);
  if (phase_ == Phase::Last) {
    if (tried_ >= all || at_.size() >= counterexample_->size()) phase_ = Phase::Done;
  } else if (tried_ >= all && all_short) {
    phase_ = Phase::Long;
    tried_ = 0;
    sampler_ = std::make_unique<StringSampler>(hypothesis_, options_.longest);
  } else if (tried_ >= all) {
    settled_ = true;
    phase_ = Phase::Done;
  }
}

// The network and the hypothesis differ on `word`.
void LStar::refute(Word word, bool shorten) {
  if (phase_ == Phase::Last) {
    if (word.size() < counterexample_->size()) counterexample_ = std::move(word);
    phase_ = Phase::Done;
    return;
  }
  shown_ = hypothesis_;
  counterexample_ = std::move(word);
  if (!shorten) return use_counterexample();
  cut_at_ = static_cast<std::size_t>(all_up_to_) + 1;  // shorter ones were all tried
  phase_ = Phase::Prefix;
}

// A batch of shorter ones. First its beginnings, until the shortest that still differs; then it without some
// of its letters, half of them at once to begin with and single ones in the end (after Zeller & Hildebrandt
// 2002), until none can go.
void LStar::shorten() {
  const Word& word = *counterexample_;
  std::vector<Word> words;
  std::vector<std::size_t> from;
  std::size_t length = 0;
  const bool prefix = phase_ == Phase::Prefix;
  const std::size_t step = prefix ? 1 : cut_;
  for (; cut_at_ < word.size() && words.size() < kCutsTogether && length < kLettersTogether;
       cut_at_ += step) {
    from.push_back(cut_at_);
    const auto begin = word.begin() + static_cast<std::ptrdiff_t>(cut_at_);
    words.emplace_back(word.begin(), begin);
    if (!prefix) {
      const std::size_t behind = std::min(word.size(), cut_at_ + step);
      words.back().insert(words.back().end(), word.begin() + static_cast<std::ptrdiff_t>(behind), word.end());
    }
    length += words.back().size();
  }
  const std::vector<std::uint8_t> says = ask(words);
  std::size_t first = 0;
  while (first < words.size() && !differs(words[first], says[first] != 0)) ++first;
  if (first < words.size()) {
    counterexample_ = std::move(words[first]);
    cut_at_ = prefix ? counterexample_->size() : from[first];
    cut_some_ = true;
  }
  if (cut_at_ < counterexample_->size()) return;
  cut_at_ = 0;
  if (prefix) {
    phase_ = Phase::Cut;
    cut_ = std::max<std::size_t>(1, counterexample_->size() / 2);
  } else if (cut_ > 1) {
    cut_ /= 2;
  } else if (!cut_some_) {
    return use_counterexample();
  }
  cut_some_ = false;
}

void LStar::use_counterexample() {
  if (states() >= options_.max_states) return begin_short(Phase::Last);  // is there a shorter one to show?
  split(*counterexample_);
  phase_ = Phase::Sifting;
}

// Where on the way along the word the hypothesis goes wrong: a[i] is the network's answer to the access word
// of the state after i letters, followed by the rest; it changes between i and i + 1.
void LStar::split(const Word& word) {
  std::vector<int> path{hypothesis_.start};
  for (const std::uint8_t a : word) path.push_back(hypothesis_.step(path.back(), a));
  const auto rest = [&](std::size_t i) {
    return Word(word.begin() + static_cast<std::ptrdiff_t>(i), word.end());
  };
  const auto answer = [&](std::size_t i) {
    const Word asked = joined(access_[static_cast<std::size_t>(path[i])], -1, rest(i));
    return ask(std::span(&asked, 1)).front() != 0;
  };
  const bool first = answer(0);
  std::size_t low = 0, high = word.size();
  while (high - low > 1) {
    const std::size_t middle = (low + high) / 2;
    (answer(middle) == first ? low : high) = middle;
  }
  const int from = path[low], letter = word[low], old = path[low + 1];
  const int node = leaf_of_[static_cast<std::size_t>(old)];
  const int fresh = add_state(joined(access_[static_cast<std::size_t>(from)], letter, {}));
  nodes_[static_cast<std::size_t>(node)].ending = rest(low + 1);
  nodes_[static_cast<std::size_t>(node)].state = -1;
  leaf(node, first ? 1 : 0, fresh);
  leaf(node, first ? 0 : 1, old);
  for (int s = 0; s < states(); ++s)
    for (int a = 0; a < letters(); ++a)
      if (next(s, a) == old) pending_.push_back({s, a, node});
  // The one that was followed is known.
  next(from, letter) = fresh;
  pending_.erase(std::remove_if(pending_.begin(), pending_.end(),
                                [&](const Pending& p) { return p.state == from && p.letter == letter; }),
                 pending_.end());
}

bool LStar::run(int questions) {
  for (spent_ = 0; spent_ < std::max(1, questions) && phase_ != Phase::Done;) {
    if (phase_ == Phase::Prefix || phase_ == Phase::Cut) {
      shorten();
    } else if (phase_ != Phase::Sifting) {
      compare(phase_ != Phase::Long);
    } else if (pending_.empty()) {
      propose();
      ++spent_;
    } else {
      sift();
    }
    if (phase_ != Phase::Done && over() && !shown_.next.empty()) phase_ = Phase::Done;
  }
  const double all = static_cast<double>(short_words_ + long_words_);
  const double now = phase_ == Phase::Done
                         ? 1
                         : static_cast<double>(tried_ + (phase_ == Phase::Long ? short_words_ : 0)) / all;
  const bool trying = phase_ != Phase::Sifting && phase_ != Phase::Prefix && phase_ != Phase::Cut;
  progress_ = std::max(progress_, trying ? now : 0);
  return phase_ == Phase::Done;
}

std::string LStar::stage() const {
  std::string text = "hypothesis of " + std::to_string(states()) + (states() == 1 ? " state" : " states");
  if (phase_ == Phase::Prefix || phase_ == Phase::Cut)
    text += ", shortening a counterexample of " + std::to_string(counterexample_->size()) + " letters";
  else if (phase_ != Phase::Sifting)
    text += ", asking " + std::to_string(tried_) + " of " +
            std::to_string(phase_ == Phase::Long ? long_words_ : short_words_) +
            (phase_ == Phase::Long ? " long strings" : " short strings");
  return text;
}

void LStar::finish(Extraction& result) const {
  result.machine = minimal(shown_);
  result.rounds = rounds_;
  result.settled = settled_;
  result.counterexample = counterexample_;
}

}  // namespace ribostep::motif

// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/BeamSearch.h"
#include <algorithm>
#include <cmath>

namespace llmc {

BeamSearch::BeamSearch(Session &session, const GenerateOptions &options,
                       std::span<const int64_t> prompt, const Ends &ends)
    : session_(session), options_(options), prompt_(prompt), ends_(ends),
      processors_(options), width_(static_cast<size_t>(*options.beams)) {
  // Enough that as many as there are beams go on even if each ends with each of
  // the end tokens first.
  kept_ = width_ * std::max<size_t>(2, 1 + options.stopTokens.size());
  // The last token of a text needs no position.
  most_ =
      std::min(*options.maxTokens, session.capacity() - session.length() + 1);
}

Result<std::vector<BeamText>> BeamSearch::run(Session::Logits logits) {
  if (Status status = session_.states().setBranches(width_); !status)
    return status;
  auto found = search(logits);
  if (Status status = session_.states().setBranches(1); !status)
    return status;
  return found;
}

Result<std::vector<BeamText>> BeamSearch::search(Session::Logits logits) {
  auto promptLength = static_cast<int64_t>(prompt_.size());
  for (size_t branch = 1; branch < width_; ++branch)
    session_.states().copyBranch(0, branch, 0, promptLength);
  beams_ = {Beam{.constraint = TextConstraint(options_)}};
  for (bool goesOn = true; goesOn;) {
    auto made = step(logits);
    if (!made)
      return made.takeStatus();
    goesOn = *made;
  }
  if (finished_.empty())
    return Status(Code::BadInput, "no token is left to choose from: the model "
                                  "and the settings rule out all");
  return texts();
}

/// One more token on every beam; false: the search ends. `first` has the logits
/// after the prompt.
Result<bool> BeamSearch::step(Session::Logits first) {
  auto past = static_cast<int64_t>(prompt_.size()) + length_ - 1;
  candidates_.clear();
  for (size_t i = 0; i < beams_.size(); ++i) {
    Session::Logits logits = first;
    if (length_ > 0) {
      session_.states().useBranch(beams_[i].branch);
      if (Status status = session_.rewind(past); !status)
        return status;
      auto made = session_.decode(
          nodes_[static_cast<size_t>(beams_[i].node)].token.token);
      if (!made)
        return made.takeStatus();
      ++steps_;
      logits = *made;
    }
    if (Status status = expand(i, logits); !status)
      return status;
  }
  ++length_;
  if (Status status = orderCandidates(); !status)
    return status;
  bool allEnd = std::all_of(candidates_.begin(), candidates_.end(),
                            [](const Candidate &c) { return c.ends; });
  finishTexts();
  if (Status status = continueBeams(); !status)
    return status;
  bool isFull = finished_.size() == width_ &&
                *options_.earlyStopping == EarlyStopping::Yes;
  return !allEnd && !isFull && mayImprove();
}

/// Adds the best continuations of one beam to the candidates.
Status BeamSearch::expand(size_t beam, Session::Logits logits) {
  double sum = logSumExp(logits);
  if (!std::isfinite(sum))
    return Status(Code::BadInput, "the model rules out all tokens");
  auto logprobOf = [&](float logit) { return static_cast<float>(logit - sum); };
  scores_.resize(logits.size());
  std::transform(logits.begin(), logits.end(), scores_.begin(), logprobOf);
  std::shared_ptr<const TokenScores> likeliest;
  if (options_.logprobs) {
    selectBest(scores_, static_cast<size_t>(*options_.logprobs), best_);
    likeliest = std::make_shared<TokenScores>(best_);
  }
  TextConstraint &constraint = beams_[beam].constraint;
  if (processors_.isActive() || constraint.isActive()) {
    auto next = constraint.next();
    if (!next)
      return next.takeStatus();
    readHistory(beams_[beam].node);
    processors_.apply(scores_, history_, prompt_.size(), !next->mayGoOn);
    constraint.restrict(scores_, *next);
  }
  selectBest(scores_, kept_, best_);
  for (const TokenScore &token : best_)
    candidates_.push_back(
        {beams_[beam].sum + token.score,
         beam,
         {token.token, logprobOf(logits[token.token]), likeliest},
         false,
         false});
  return Status();
}

/// Leaves the best candidates, in order, with what ends marked.
Status BeamSearch::orderCandidates() {
  std::sort(candidates_.begin(), candidates_.end(),
            [](const Candidate &a, const Candidate &b) {
              if (a.sum != b.sum)
                return a.sum > b.sum;
              return a.beam != b.beam ? a.beam < b.beam
                                      : a.token.token < b.token.token;
            });
  candidates_.resize(std::min(candidates_.size(), kept_));
  bool all = length_ >= most_ || ends_.all();
  for (Candidate &candidate : candidates_) {
    candidate.ends = all;
    if (Status status = markEnd(candidate); !status)
      return status;
  }
  return Status();
}

Status BeamSearch::markEnd(Candidate &candidate) {
  candidate.ends = candidate.ends || endsText(candidate);
  // Without a constraint, or with end tokens to say so, no text is over.
  TextConstraint constraint = beams_[candidate.beam].constraint;
  if (!constraint.isActive() || !options_.stopTokens.empty())
    return Status();
  if (Status status = constraint.add(candidate.token.token); !status)
    return status;
  auto isOver = constraint.isOver();
  if (!isOver)
    return isOver.takeStatus();
  candidate.isComplete = *isOver;
  candidate.ends |= *isOver;
  return Status();
}

bool BeamSearch::endsText(const Candidate &candidate) {
  if (std::binary_search(options_.stopTokens.begin(), options_.stopTokens.end(),
                         candidate.token.token))
    return true;
  if (options_.stopStrings.empty())
    return false;
  readHistory(beams_[candidate.beam].node);
  history_.push_back(candidate.token.token);
  return ends_.text(std::span(history_).subspan(prompt_.size()));
}

/// Of the candidates that end, those among the best `width_` compete with the
/// texts that have ended before; the others are there for continueBeams().
void BeamSearch::finishTexts() {
  for (size_t i = 0; i < std::min(width_, candidates_.size()); ++i)
    if (candidates_[i].ends)
      finished_.push_back({scoreOf(candidates_[i].sum, length_),
                           addNode(candidates_[i]), candidates_[i].isComplete});
  std::sort(finished_.begin(), finished_.end(),
            [](const Finished &a, const Finished &b) {
              return a.score != b.score ? a.score > b.score : a.node < b.node;
            });
  finished_.resize(std::min(finished_.size(), width_));
}

/// The best candidates that go on are the next beams. The first child of a beam
/// takes its branch, others get copies in branches that nobody needs.
Status BeamSearch::continueBeams() {
  std::vector<Beam> next;
  std::vector<size_t> parents;
  for (const Candidate &candidate : candidates_)
    if (!candidate.ends && next.size() < width_) {
      next.push_back({candidate.sum, addNode(candidate), 0,
                      beams_[candidate.beam].constraint});
      if (Status status = next.back().constraint.add(candidate.token.token);
          !status)
        return status;
      parents.push_back(beams_[candidate.beam].branch);
    }
  std::vector<bool> isParent(width_, false), isUsed(width_, false);
  for (size_t parent : parents)
    isParent[parent] = true;
  for (size_t i = 0; i < next.size(); ++i) {
    size_t branch = parents[i];
    if (isUsed[branch]) {
      branch = 0;
      while (isParent[branch] || isUsed[branch])
        ++branch;
      auto begin = static_cast<int64_t>(prompt_.size());
      session_.states().copyBranch(parents[i], branch, begin,
                                   begin + length_ - 1);
    }
    isUsed[branch] = true;
    next[i].branch = branch;
  }
  beams_ = std::move(next);
  return Status();
}

/// Whether an open text could come among the finished ones, by the rule of
/// transformers: the best open one, as if it ended now, or, for Never and a
/// penalty that favours length, at the greatest length.
bool BeamSearch::mayImprove() const {
  if (finished_.size() < width_)
    return true;
  bool atMost = *options_.earlyStopping == EarlyStopping::Never &&
                *options_.lengthPenalty > 0;
  return !beams_.empty() && scoreOf(beams_[0].sum, atMost ? most_ : length_) >
                                finished_.back().score;
}

double BeamSearch::scoreOf(double sum, int64_t length) const {
  return sum / std::pow(static_cast<double>(length), *options_.lengthPenalty);
}

int64_t BeamSearch::addNode(const Candidate &candidate) {
  nodes_.push_back({beams_[candidate.beam].node, candidate.token});
  return static_cast<int64_t>(nodes_.size()) - 1;
}

void BeamSearch::readHistory(int64_t node) {
  history_.assign(prompt_.begin(), prompt_.end());
  for (; node >= 0; node = nodes_[static_cast<size_t>(node)].parent)
    history_.push_back(nodes_[static_cast<size_t>(node)].token.token);
  std::reverse(history_.begin() + static_cast<ptrdiff_t>(prompt_.size()),
               history_.end());
}

std::vector<BeamText> BeamSearch::texts() const {
  std::vector<BeamText> texts;
  for (const Finished &finished : finished_) {
    BeamText &text = texts.emplace_back();
    text.score = finished.score;
    text.isComplete = finished.isComplete;
    for (int64_t node = finished.node; node >= 0;
         node = nodes_[static_cast<size_t>(node)].parent)
      text.tokens.push_back(nodes_[static_cast<size_t>(node)].token);
    std::reverse(text.tokens.begin(), text.tokens.end());
  }
  texts.resize(
      std::min(texts.size(), static_cast<size_t>(*options_.sequences)));
  return texts;
}

} // namespace llmc

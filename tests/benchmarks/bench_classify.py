"""Prints how fast the classifier is: `python tests/benchmarks/bench_classify.py [ARCHIVE.jsonl.gz] [--stack linear]`.

Throughput in batches on one core, time to load, time of one headline alone, share of items the encoder reads, peak
memory. Without an archive the titles of our own corpus are scored, which are far richer in signals than a stream.
Beside it stands what scikit-learn's own TF-IDF of the same kind does with the same headlines, as the measure of this machine.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import resource
import sys
from itertools import islice
from pathlib import Path
from time import perf_counter, process_time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")
sys.path.insert(0, str(Path(__file__).parents[2]))

from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: E402

from classifiers import TextModel  # noqa: E402
from classifiers.items import corpus_files, read_items  # noqa: E402


def titles(archive: Path | None, limit: int) -> list[str]:
    if archive is None:
        return [item.title for item in read_items(corpus_files())][:limit]
    with gzip.open(archive, "rt", encoding="utf-8") as lines:
        step = max(1, sum(1 for _ in lines) // limit)
    with gzip.open(archive, "rt", encoding="utf-8") as lines:
        return [json.loads(line)["title"] for line in islice(lines, 0, step * limit, step)]


def peer(found: list[str]) -> float:
    """Return headlines per second of scikit-learn's words (1,2) and characters (3,5)."""
    both = [TfidfVectorizer(ngram_range=(1, 2)), TfidfVectorizer(analyzer="char", ngram_range=(3, 5))]
    for vectorizer in both:
        vectorizer.fit(found[:3000])
    start = process_time()
    for vectorizer in both:
        vectorizer.transform(found)
    return len(found) / (process_time() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archive", type=Path, nargs="?")
    parser.add_argument("--stack", choices=("auto", "linear", "both"), default="auto")
    parser.add_argument("--limit", type=int, default=20_000)
    args = parser.parse_args()
    start = perf_counter()
    model = TextModel.load(stack=args.stack)
    loaded = perf_counter() - start
    found = titles(args.archive, args.limit)
    model.score([(title, "") for title in found[:200]])
    start = process_time()
    for i in range(0, len(found), 4096):
        model.score([(title, "") for title in found[i : i + 4096]])
    spent = process_time() - start
    start = process_time()
    for title in found[:100]:
        model.score([(title, "")])
    alone = (process_time() - start) / 100
    share = model.asked([(title, "") for title in found])
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"model {model.version} ({model.stack}), {len(found)} headlines of {args.archive.name if args.archive else 'our corpus'}"
    )
    print(f"load                 {loaded:8.2f} s")
    print(f"batch                {len(found) / spent:8.0f} headlines per second of CPU")
    print(
        f"scikit-learn TF-IDF  {peer(found):8.0f} headlines per second of CPU (words 1-2 and characters 3-5, no model)"
    )
    print(f"one alone            {1000 * alone:8.1f} ms of CPU")
    print(f"read by the encoder  {100 * share:8.1f} %")
    print(f"peak memory          {memory:8.0f} MB")


if __name__ == "__main__":
    main()

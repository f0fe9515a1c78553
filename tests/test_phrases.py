"""Sentences of the analysis are said in Chinese where Chinese is asked for."""

from __future__ import annotations

import re

import pytest

from migrate.phrases import patterns, said


@pytest.mark.parametrize("number", range(len(patterns())))
def test_both_languages_have_the_same_placeholders(number):
    pattern, chinese = patterns()[number]
    assert {int(name[1:]) for name in pattern.groupindex} == {int(place) for place in re.findall(r"\{(\d)\}", chinese)}


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("same bytes as a/b.cu", "与 a/b.cu 内容相同"),
        ("link to b.cu, excluded by the pattern 'build'", "链接到 b.cu，被模式 'build' 排除"),
        ("python file with CUDA words (cuda, .cu), not analysed yet", "python 文件含有 CUDA 词（cuda, .cu），尚未分析"),
        ("the answer of threadIdx", "取自 threadIdx 的答案"),
        ("something nobody foresaw", "something nobody foresaw"),
    ],
)
def test_said(english, chinese):
    assert said(english, "zh") == chinese
    assert said(english, "en") == english


def test_every_reason_of_the_sources_is_known():
    from migrate.source import unsupported_reason, word_reason

    reasons = [
        unsupported_reason(b"\xff\xfea\0"),
        unsupported_reason(b"a\0" * 200),
        unsupported_reason(b"\0\0\1" * 200),
        word_reason(b"import torch\ntorch.cuda.synchronize()\n", "python"),
    ]
    assert all(reason and re.search(r"[\u4e00-\u9fff]", said(reason, "zh")) for reason in reasons)

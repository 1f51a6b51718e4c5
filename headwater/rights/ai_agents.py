"""Whom robots.txt can refuse: the product tokens of AI crawlers, and of controls over what crawled pages are used for.

Sources: the operators' own pages, and the public list https://github.com/ai-robots-txt/ai.robots.txt (read 2026-11).
Left out are tokens that are common words (`Spider`, `Code`, `Operator`) or hold a space, which RFC 9309 does not allow.
"""

from dataclasses import dataclass
from typing import Literal

# Bump it whenever the list changes: every `consent` partition then becomes stale.
VERSION = 1
EVERYBODY = "*"

Use = Literal["train", "search", "answer", "archive", "unstated"]


@dataclass(frozen=True, slots=True)
class Agent:
    """One product token. `use`: what its operator says that the pages are for."""

    name: str
    operator: str
    use: Use


AGENTS = (
    Agent("AI2Bot", "Allen Institute for AI", "train"),
    Agent("Ai2Bot-Dolma", "Allen Institute for AI", "train"),
    Agent("aiHitBot", "aiHit", "train"),
    Agent("Amazonbot", "Amazon", "train"),
    Agent("anthropic-ai", "Anthropic", "train"),
    Agent("Applebot", "Apple", "search"),
    Agent("Applebot-Extended", "Apple", "train"),
    Agent("bedrockbot", "Amazon", "answer"),
    Agent("Brightbot", "Bright Data", "train"),
    Agent("Bytespider", "ByteDance", "train"),
    Agent("CCBot", "Common Crawl", "archive"),
    Agent("ChatGLM-Spider", "Zhipu AI", "train"),
    Agent("ChatGPT-User", "OpenAI", "answer"),
    Agent("Claude-SearchBot", "Anthropic", "search"),
    Agent("Claude-User", "Anthropic", "answer"),
    Agent("Claude-Web", "Anthropic", "train"),
    Agent("ClaudeBot", "Anthropic", "train"),
    Agent("cohere-ai", "Cohere", "answer"),
    Agent("cohere-training-data-crawler", "Cohere", "train"),
    Agent("Cotoyogi", "ROIS", "train"),
    Agent("Crawl4AI", "Crawl4AI", "unstated"),
    Agent("DeepSeekBot", "DeepSeek", "train"),
    Agent("Diffbot", "Diffbot", "train"),
    Agent("DuckAssistBot", "DuckDuckGo", "answer"),
    Agent("FacebookBot", "Meta", "train"),
    Agent("FirecrawlAgent", "Firecrawl", "unstated"),
    Agent("FriendlyCrawler", "unknown", "train"),
    Agent("Google-CloudVertexBot", "Google", "answer"),
    Agent("Google-Extended", "Google", "train"),
    Agent("GoogleOther", "Google", "train"),
    Agent("GPTBot", "OpenAI", "train"),
    Agent("ICC-Crawler", "NICT", "train"),
    Agent("ImagesiftBot", "Hive", "train"),
    Agent("img2dataset", "img2dataset", "train"),
    Agent("LAIONDownloader", "LAION", "train"),
    Agent("laion-huggingface-processor", "LAION", "train"),
    Agent("Meta-ExternalAgent", "Meta", "train"),
    Agent("Meta-ExternalFetcher", "Meta", "answer"),
    Agent("MistralAI-User", "Mistral AI", "answer"),
    Agent("OAI-SearchBot", "OpenAI", "search"),
    Agent("omgili", "Webz.io", "train"),
    Agent("omgilibot", "Webz.io", "train"),
    Agent("PanguBot", "Huawei", "train"),
    Agent("Perplexity-User", "Perplexity", "answer"),
    Agent("PerplexityBot", "Perplexity", "search"),
    Agent("PetalBot", "Huawei", "search"),
    Agent("SBIntuitionsBot", "SB Intuitions", "train"),
    Agent("SemrushBot-OCOB", "Semrush", "train"),
    Agent("TikTokSpider", "ByteDance", "train"),
    Agent("Timpibot", "Timpi", "train"),
    Agent("VelenPublicWebCrawler", "Velen", "train"),
    Agent("Webzio-Extended", "Webz.io", "train"),
    Agent("YandexAdditional", "Yandex", "train"),
    Agent("YandexAdditionalBot", "Yandex", "train"),
    Agent("YouBot", "You.com", "answer"),
)

# In the order in which a denial lists them: everybody first.
NAMES = (EVERYBODY, *(agent.name for agent in AGENTS))
BY_TOKEN = {agent.name.lower(): agent.name for agent in AGENTS}

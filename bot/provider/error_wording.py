"""The words with which providers, gateways and models report what happened.

Sources: problem+json bodies and run errors of the official API, texts of the one-api and new-api gateways, and the
public error references and bug reports of the models' makers. The patterns only see cleaned text of bounded length
(`bot.provider.redaction`), followed by codes in the form `code=…`.
"""

import re


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


NO_FUNDS = _any(
    r"insufficient[ _](?:\w{1,20}[ _])?(?:credits?|quota|balance|funds)\b",
    r"(?:quota|balance|credits?|funds) (?:is |are )?insufficient",
    r"(?:quota|balance|credits?)[ _](?:is |are )?(?:not[ _]enough|exhausted|used up|depleted)",
    r"(?:not|n't) (?:have )?(?:enough|sufficient) (?:\w{1,20} )?(?:credits?|balance|quota|funds)",
    r"balance (?:is |was )?(?:too )?low\b|exhausted (?:\w{1,20} )?(?:balance|quota|credits?)|\barrearage\b",
    r"(?:out of|no remaining|no) credits?\b",
    r"pre[ _-]?consumed?[ _](?:token[ _])?quota[ _]failed",
    r"exceeded your current quota",
    r"spend(?:ing)? limit|billing[ _]hard[ _]limit|payment[ _]required|account_overdue|\barrears\b",
    r"please (?:recharge|top up)",
    r"额度已?(?:用尽|不足|耗尽)|额度失败|(?:余额|积分)已?(?:不足|耗尽)|欠费|请充值",
)
NO_MODEL = _any(
    r"model_not_found|no available channels?|invalid version or not permitted|version does not exist",
    r"model .{0,80}(?:does not exist|not found|not supported)",
    r"无可用渠道|无权使用模型|无权访问(?:任何)?模型|模型不存在",
)
BAD_KEY = _any(
    r"unauthenticated|(?:no|an|a valid) authentication token",
    r"(?:invalid|incorrect)[ _](?:api[ _]key|token|access[ _]token)|no api key|missing api key",
    r"(?:api[ _-]?|access[ _-]?)key (?:is |was )?(?:not (?:valid|found)|invalid|expired|disabled|revoked|missing)",
    r"authentication[ _](?:failed|failure|error|required)|login fail|signature (?:is |has )?(?:invalid|expired)",
    r"无效的令牌|未提供令牌|令牌已过期|令牌状态不可用|令牌验证失败",
)
WRONG_ADDRESS = _any(
    r"invalid url \((?:get|post|put|delete)\b|unknown request url|no route matched with those values",
    r"\bcannot (?:get|post) /|check the (?:url|address) for typos",
    r"(?:unknown|no such|invalid) (?:endpoint|route|api path)|\b(?:endpoint|route) [\w:./-]{0,200} ?(?:was )?not found",
)
"""The request did not reach the API's routes: the operator's PROVIDER_URL is wrong."""

NO_RUN = _any(
    r"\b(?:prediction|task|job|run|request|resource)s?\b.{0,80}(?:not found|not exist|unknown|expired)",
    r"(?:no such|unknown|not find(?: the| a)?) (?:prediction|task|job|run|request|resource)\b",
)
"""The requested run is unknown. Some gateways report this like a request that they cannot read."""

THROTTLED = _any(
    r"request was throttled|rate[ _-]?limit|too[ _]many[ _](?:\w{1,20}[ _])?(?:requests|tasks)|throttling",
    r"负载已饱和|请求过于频繁|请求次数|并发数?量?(?:已|超)",
)
FILTERED = _any(
    # Replicate, and models of the Stable Diffusion family
    r"\bE005\b|\bnsfw\b|not safe for work|flagged (?:as|by|for)|(?:was|were|been|is) flagged\b",
    # Black Forest Labs ("Request Moderated", "Content Moderated"), Luma, Runway, Pika and Ideogram
    r"(?:request|content|prompt|input|output|image|video|generation)s?[ _](?:was |were |is |are )?moderated",
    r"^(?:moderated|blocked|filtered|banned) {0,3}(?:$|code=)|derivative works filter|moderation[ _]reasons?",
    r"moderation[ _](?:block(?:ed)?|fail(?:ed|ure)|violation|error|rejected|check)",
    r"(?:failed|blocked by|rejected by|pass) (?:the )?(?:\w{1,20} )?moderation",
    r"content[ _-]?(?:polic(?:y|ies)|moderation|filter|safety|violation|restrict|guideline)",
    r"(?:usage|community|acceptable use) (?:polic(?:y|ies)|guidelines?)|policy[ _]?violation",
    r"against (?:our|the|their) (?:\w{1,20} ){0,3}(?:polic|guideline|terms|rules)",
    r"violat(?:e|es|ed|ing|ion) (?:\w{1,20} ){0,4}(?:polic|guideline|terms|rules)",
    # OpenAI, Azure, Stability and ElevenLabs
    r"safety[ _-]?(?:filter|system|check|setting|guard|reason|polic|violation|classifier|guideline|concern|standard)",
    r"(?:harmful|explicit|sexual|inappropriate|unsafe|objectionable|disallowed|forbidden|prohibited|illegal|violent)"
    r"[ _](?:content|material|image|prompt|text|word)",
    r"(?:blocked|banned|blacklisted|blocklisted)[ _](?:word|prompt|content|term)|\bguardrails?\b|block ?list match",
    r"safety\.(?:input|output|text|image|video)|\bchild safety\b|(?:is|was|deemed|considered|as) unsafe\b(?! \w)",
    r"(?:prompt|content) (?:that )?(?:is |was )?not (?:allowed|permitted)\b",
    r"(?:nudity|gore|violence|self[ -]?harm|adult|toxicity|explicit \w{1,20}|hate)(?: speech| content)? "
    r"(?:was |were |is )?(?:detected|found)",
    # Google: Gemini, Imagen and Veo
    r"responsible[ _]?ai|\brai[ _](?:\w{1,20}[ _])?(?:filter|reason|polic|error)|raiFilter|image_safety|block_?reason",
    r"finish_?reason\W{1,4}(?:safety|prohibited)|could not generate \w{1,20} (?:image|video)s? based on the prompt",
    r"blocked (?:by|due to|because of) (?:\w{1,20} ){0,3}(?:safety|policy|filter|content)",
    r"prominent people|recogni[sz]able (?:person|people)",
    r"\bspii\b|^recitation {0,3}(?:$|code=)|finish_?reason\W{1,4}recitation",
    r"(?:generation|audio|image|video|media|output|result)s?[ _](?:was |were |is |are )?filtered\b|filtered[ _]?reason",
    r"celebrit(?:y|ies)\b|public figures?\b|real (?:person|people|human)s?\b|\bdeep ?fakes?\b",
    r"(?:contains?|depicts?|of|involving) (?:a )?(?:minors?|children|underage)\b",
    # Kling, MiniMax, Alibaba, ByteDance, Tencent and Vidu
    r"risk[ _-]?control|content exists risk|(?:high|potential|content)[ _-]?risk\b|risk[ _]?detect",
    r"(?:code|error|status)\D{0,12}(?:1026|1027|1301)\b|\((?:1026|1027|1301)\)",
    r"new_sensitive|sensitive[ _]?(?:content|word|information|material|topic)",
    r"(?:is|as|contains?|be|were|was) (?:potentially |possibly )?sensitive\b",
    r"data[ _]?inspection[ _]?failed|content inspection|ip_?infringement|infringing|green net check",
    r"(?:content|text|image|video|prompt)[ _]audit|\baudit (?:not pass|fail|reject)|audit_?submit_?illegal",
    r"illegal_?detected|content security",
    r"copyright(?:ed)? (?:content|material|violation|infringement|restrict|lyrics|detected)",
    # xAI and Recraft, and wording that several providers use
    r"respect_moderation",
    r"(?:prompt|image|input|request|generation) (?:was |is |has been )?(?:rejected|refused|blocked|denied) "
    r"(?:by|for|due to) (?:\w{1,20} ){0,3}(?:safety|moderation|filter|policy|content)",
    r"敏感|违规|违禁|内容安全|安全审核|审核[未不]通过|[未不](?:能)?通过.{0,6}审核|审核失败|风控|风险控制|不合规|真人",
    r"涉黄|色情|不当内容|版权|违反.{0,8}(?:规定|政策|准则|规范)",
)
BAD_INPUT = _any(
    r"\bE9243\b|invalid_request|invalid input|validation (?:failed|error)",
    r"\bmust be (?:one of|between|at (?:least|most)|less|greater|a)\b",
    r"\bis required\b|not a valid|cannot identify image|unsupported (?:image|video|audio|file|format)",
    r"too (?:large|small|long|short)\b",
)
OUT_OF_MEMORY = _any(r"\bE1001\b", r"out of memory")
TRANSIENT = _any(
    r"\(code: PA\)|\b(?:E1000|E6716|E8367|E8765|E9825|E9828)\b|\((?:E001|E002|E003|E004)\)|interrupted|high demand",
    r"timed?[ _]?out|temporarily unavailable|try again later|connection (?:reset|refused|error)",
    r"service unavailable|overloaded|^expired$",
)

# Exception names before an error, and the reference after a moderation text such as "(uIJ6l3ruRD)": both are noise.
WRAPPING = re.compile(
    r"^(?:(?:Prediction failed|Async prediction failed|(?:Model|Value|Runtime)Error|Error|Exception) ?: ?){1,8}"
)
REFERENCE = re.compile(r" ?\((?!E\d|code:)[A-Za-z0-9]{10,40}\) ?$")

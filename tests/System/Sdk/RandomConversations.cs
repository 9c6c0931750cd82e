using System.Text.Json.Nodes;
using GenAI.Chats.TestKit.ScriptedGemini;

namespace GenAI.Chats.SystemTests.Sdk;

/// <summary>Conversations that the SDK and the service have alike, but for how a streamed content is cut into pieces.</summary>
internal sealed class RandomConversations(int seed)
{
    private static readonly string[] FinishReasons = ["STOP", "STOP", "STOP", "MAX_TOKENS", "SAFETY", "RECITATION", "SOMETHING_NEW"];

    private readonly Random _random = new(seed);
    private int _words;
    private int _calls;

    public SdkConversation Next()
    {
        var sends = new List<SdkSend>();
        for (var turns = _random.Next(3, 9); sends.Count < turns;)
        {
            AddTurn(sends);
        }

        return new SdkConversation { Config = Chance(2) ? Config() : null, History = Chance(3) ? History() : [], Sends = sends };
    }

    // A turn is a message and its answer; a call of functions, the responses to it, and so on until an answer comes.
    private void AddTurn(List<SdkSend> sends)
    {
        var message = new JsonArray(Part(Words()));
        if (Chance(4))
        {
            message.Add(new JsonObject { ["inlineData"] = new JsonObject { ["mimeType"] = "image/png", ["data"] = "AQID" } });
        }

        while (Chance(3))
        {
            var calls = Enumerable.Range(0, _random.Next(1, 4)).Select(_ => Call()).ToArray();
            sends.Add(Send(message, stream => Answer(stream, calls)));
            message = new JsonArray([.. calls.Select(ResponseTo)]);
            if (Chance(5))
            {
                // The responses are lost on the way, and sent again.
                sends.Add(Send(message, Failure));
            }

            if (sends.Count > 12)
            {
                break;
            }
        }

        sends.Add(Send(message, stream => message[0]!["functionResponse"] is null && Chance(4) ? Nothing(stream) : Answer(stream, Texts())));
    }

    private SdkSend Send(JsonArray message, Func<bool, SdkAnswer[]> answer)
    {
        var stream = Chance(2);
        return new SdkSend(message, stream, answer(stream)) { Config = Chance(6) ? Config() : null };
    }

    private JsonNode[] Texts()
    {
        var parts = new List<JsonNode>();
        for (var i = _random.Next(1, 5); i > 0; i--)
        {
            var part = Part(Words());
            if (Chance(4))
            {
                part["thought"] = true;
            }

            if (Chance(4))
            {
                part["thoughtSignature"] = Signature();
            }

            parts.Add(part);
        }

        if (Chance(5))
        {
            parts.Add(new JsonObject { ["text"] = "", ["thoughtSignature"] = Signature() });
        }

        return [.. parts];
    }

    // In one response, or over several that continue each other; in a stream, each part in a chunk of its own.
    private SdkAnswer[] Answer(bool stream, JsonNode[] parts)
    {
        var reason = parts[0]["functionCall"] is null ? FinishReasons[_random.Next(FinishReasons.Length)] : "STOP";
        var chunks = parts.Select((part, index) => GeminiJson.Response([part.DeepClone()], index == parts.Length - 1 ? reason : null, (3, index + 1))).ToArray();
        if (parts.Length > 1 && Chance(5))
        {
            return [.. parts.Select((part, index) => index == parts.Length - 1 ? new SdkAnswer(chunks[index]) : new SdkAnswer(Continued(part, index)))];
        }

        return stream ? [new SdkAnswer(chunks)] : [new SdkAnswer(GeminiJson.Response(parts.Select(part => part.DeepClone()), Chance(6) ? null : reason, (3, 2)))];
    }

    private static string Continued(JsonNode part, int index)
    {
        var response = JsonNode.Parse(GeminiJson.Response([part.DeepClone()], "CONTINUATION", (3, 1)))!;
        response["candidates"]![0]!["continuationToken"] = $"token-{index}";
        return response.ToJsonString();
    }

    // What leaves no trace in the history that is sent.
    private SdkAnswer[] Nothing(bool stream) => _random.Next(stream ? 6 : 5) switch
    {
        0 => Failure(stream),
        1 => [new SdkAnswer("""{"promptFeedback":{"blockReason":"SAFETY"}}""")],
        2 => [new SdkAnswer("""{"candidates":[{"content":{"role":"model"},"finishReason":"SAFETY"}]}""")],
        3 => [new SdkAnswer("""{"candidates":[{"content":{"role":"model","parts":[{}]},"finishReason":"STOP"}]}""")],
        4 => [new SdkAnswer("""{"candidates":[],"usageMetadata":{"promptTokenCount":3}}""")],
        _ => Chance(2)
            ? [new SdkAnswer(GeminiJson.Text("half "), """{"error":{"code":503,"message":"gone","status":"UNAVAILABLE"}}""")]
            : [new SdkAnswer(GeminiJson.Text("no "), GeminiJson.Text("reason"))],
    };

    private SdkAnswer[] Failure(bool stream) => Chance(2)
        ? [new SdkAnswer([GeminiJson.Error(400, "INVALID_ARGUMENT", "no")], 400)]
        : [new SdkAnswer([GeminiJson.Error(503, "UNAVAILABLE", "later")], 503)];

    private JsonObject Call() => GeminiJson.FunctionCall(
        "f" + _random.Next(3), new JsonObject { ["x"] = _random.Next(100), ["deep"] = new JsonArray(true, null, "s") }, Chance(2) ? $"call-{++_calls}" : null, Chance(2) ? Signature() : null);

    private static JsonObject ResponseTo(JsonObject call)
    {
        var response = new JsonObject { ["name"] = call["functionCall"]!["name"]!.DeepClone(), ["response"] = new JsonObject { ["output"] = "done" } };
        if (call["functionCall"]!["id"] is { } id)
        {
            response["id"] = id.DeepClone();
        }

        return new JsonObject { ["functionResponse"] = response };
    }

    private JsonArray History() =>
    [
        new JsonObject { ["role"] = "user", ["parts"] = new JsonArray(Part(Words())) },
        new JsonObject { ["role"] = "model", ["parts"] = new JsonArray(Part(Words()), new JsonObject { ["text"] = "", ["thoughtSignature"] = Signature() }) },
    ];

    private JsonObject Config()
    {
        (string Name, string Value)[] fields =
        [
            ("temperature", "0.5"), ("topP", "0.25"), ("topK", "40"), ("candidateCount", "1"), ("maxOutputTokens", "100"), ("stopSequences", """["x","y"]"""),
            ("presencePenalty", "0.5"), ("frequencyPenalty", "-0.5"), ("seed", "7"), ("responseLogprobs", "true"), ("logprobs", "2"),
            ("systemInstruction", """{"role":"user","parts":[{"text":"Be brief."}]}"""),
            ("safetySettings", """[{"category":"HARM_CATEGORY_HARASSMENT","threshold":"BLOCK_NONE"}]"""),
            ("thinkingConfig", """{"includeThoughts":true,"thinkingBudget":-1}"""), ("responseModalities", """["TEXT"]"""),
            ("mediaResolution", "\"MEDIA_RESOLUTION_LOW\""), ("serviceTier", "\"flex\""), ("labels", """{"team":"a"}"""),
            ("tools", """[{"functionDeclarations":[{"name":"f0","description":"d","parameters":{"type":"OBJECT","properties":{"x":{"type":"INTEGER"}},"required":["x"]}},{"name":"f1","parametersJsonSchema":{"type":"object"}}]},{"googleSearch":{}}]"""),
            ("toolConfig", """{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f0"]}}"""),
            ("speechConfig", """{"voiceConfig":{"prebuiltVoiceConfig":{"voiceName":"v"}}}"""), ("imageConfig", """{"aspectRatio":"16:9"}"""), ("store", "true"),
        ];
        var config = new JsonObject();
        foreach (var (name, value) in fields.Where(_ => Chance(4)))
        {
            config[name] = JsonNode.Parse(value);
        }

        if (Chance(3))
        {
            config["responseMimeType"] = "application/json";
            config[Chance(2) ? "responseSchema" : "responseJsonSchema"] = new JsonObject { ["type"] = "OBJECT" };
        }

        return config;
    }

    private static JsonObject Part(string text) => new() { ["text"] = text };

    private string Words() => string.Join(' ', Enumerable.Range(0, _random.Next(1, 4)).Select(_ => $"word{++_words}"));

    private string Signature()
    {
        var bytes = new byte[9];
        _random.NextBytes(bytes);
        var text = Convert.ToBase64String(bytes);
        return Chance(2) ? text : text.Replace('+', '-').Replace('/', '_');
    }

    private bool Chance(int oneIn) => _random.Next(oneIn) == 0;
}

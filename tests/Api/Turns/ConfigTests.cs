using System.Text;
using System.Text.Json.Nodes;
using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.Models.Json;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.V1;
using ConfigMode = GenAI.Chats.V1.SendMessageRequest.Types.ConfigMode;

namespace GenAI.Chats.Api.Tests.Turns;

/// <summary>The configuration that a model is sent: the chat's, or the send's.</summary>
public sealed class ConfigTests(TestServer server) : ApiTest(server), IClassFixture<TestServer>
{
    // One field of each kind: numbers, text, lists, messages, maps, any JSON; of those that go elsewhere than generationConfig, each.
    private const string Config = """
        {
          "systemInstruction": {"parts": [{"text": "Be brief."}]},
          "temperature": 0, "topP": 0.5, "topK": 40, "candidateCount": 2, "maxOutputTokens": 100, "stopSequences": ["a", "b"],
          "responseLogprobs": false, "logprobs": 3, "presencePenalty": -0.5, "seed": -7, "responseMimeType": "application/json",
          "responseSchema": {"type": "OBJECT", "properties": {"a": {"type": "STRING", "enum": ["x", "y"]}}, "required": ["a"]},
          "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}],
          "tools": [{"newTool": {"a": 1}}, {"googleSearch": {}},
            {"functionDeclarations": [{"name": "f", "description": "d", "parametersJsonSchema": {"type": "object", "x": [1, {}]}}]}],
          "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["f"]}},
          "responseModalities": ["TEXT", "IMAGE"], "mediaResolution": "MEDIA_RESOLUTION_LOW",
          "speechConfig": {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore"}}},
          "thinkingConfig": {"includeThoughts": true, "thinkingBudget": -1}, "imageConfig": {"aspectRatio": "16:9"},
          "serviceTier": "flex", "store": false, "labels": {"team": "x"}
        }
        """;

    private static readonly string[] TopLevel =
        ["systemInstruction", "safetySettings", "tools", "toolConfig", "serviceTier", "store", "labels"];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Send_ConfigOfEveryKind_ModelGetsEachFieldInItsPlace(bool ofTheChat)
    {
        var config = RestJson.Read<GenerateContentConfig>(Encoding.UTF8.GetBytes(Config));
        config.AutomaticFunctionCalling = new AutomaticFunctionCallingConfig { Disable = true };
        var chat = await ChatAsync(ofTheChat ? config : null);
        chat.Answer(ScriptedReply.Text("ok"));

        var request = chat.Message("hi");
        request.Config = ofTheChat ? null : config;
        await Client.SendMessageAsync(request);

        var body = JsonNode.Parse(chat.Requests[0].Body.GetRawText())!.AsObject();
        body.Remove("contents");
        Assert.True(JsonNode.DeepEquals(ExpectedBody(), body), body.ToJsonString());
    }

    [Fact]
    public async Task Send_WithoutConfig_BodyHasContentsOnly()
    {
        var chat = await ChatAsync(null);
        chat.Answer(ScriptedReply.Text("ok"));

        await chat.SendAsync("hi");

        Assert.Equal(["contents"], chat.Requests[0].Body.EnumerateObject().Select(m => m.Name));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Send_OwnConfig_ReplacesTheChatsForThisTurnOnly(bool stream)
    {
        // python and JS config_override: 2, then 1 again.
        var chat = await ChatAsync(new GenerateContentConfig { CandidateCount = 1, Seed = 5 });
        var reply = stream ? ScriptedReply.StreamOf("ok") : ScriptedReply.Text("ok");
        chat.Answer(reply, reply, reply);

        await SendAsync(chat, new GenerateContentConfig { CandidateCount = 2 }, ConfigMode.Unspecified, stream);
        await SendAsync(chat, null, ConfigMode.Unspecified, stream);
        await SendAsync(chat, new GenerateContentConfig(), ConfigMode.Replace, stream);

        Assert.Equal("""{"candidateCount":2}""", Generation(chat, 0));
        Assert.Equal("""{"candidateCount":1,"seed":5}""", Generation(chat, 1));
        Assert.Equal("", Generation(chat, 2));
        Assert.Equal(new GenerateContentConfig { CandidateCount = 1, Seed = 5 }, (await chat.GetAsync()).Config);
    }

    [Fact]
    public async Task Send_OwnConfigMerged_IsLaidOverTheChatsForThisTurnOnly()
    {
        var chat = await ChatAsync(
            new GenerateContentConfig
            {
                CandidateCount = 1,
                Seed = 5,
                StopSequences = { "a", "b" },
                ThinkingConfig = new ThinkingConfig { ThinkingBudget = 1 },
            });
        chat.Answer(ScriptedReply.Text("ok"), ScriptedReply.Text("ok"));
        var own = new GenerateContentConfig
        {
            Seed = 0,
            StopSequences = { "c" },
            ThinkingConfig = new ThinkingConfig { IncludeThoughts = true },
        };

        await SendAsync(chat, own, ConfigMode.Merge, stream: false);
        await SendAsync(chat, null, ConfigMode.Merge, stream: false);

        Assert.Equal(
            """{"candidateCount":1,"stopSequences":["c"],"seed":0,"thinkingConfig":{"includeThoughts":true}}""", Generation(chat, 0));
        Assert.Equal(
            """{"candidateCount":1,"stopSequences":["a","b"],"seed":5,"thinkingConfig":{"thinkingBudget":1}}""", Generation(chat, 1));
    }

    [Fact]
    public async Task UpdateChat_Config_CountsFromTheNextTurnOn()
    {
        var chat = await ChatAsync(new GenerateContentConfig { Seed = 1 });
        chat.Answer(ScriptedReply.Text("ok"), ScriptedReply.Text("ok"));

        await chat.SendAsync("a");
        await Client.UpdateChatAsync(new UpdateChatRequest
        {
            Chat = new Chat { Name = chat.Name, Config = new GenerateContentConfig { Seed = 2 } },
            UpdateMask = new() { Paths = { "config" } },
        });
        await chat.SendAsync("b");

        Assert.Equal("""{"seed":1}""", Generation(chat, 0));
        Assert.Equal("""{"seed":2}""", Generation(chat, 1));
    }

    private static string Generation(TestChat chat, int request) =>
        chat.Requests[request].Body.TryGetProperty("generationConfig", out var config) ? config.GetRawText() : "";

    private static JsonObject ExpectedBody()
    {
        var body = new JsonObject();
        var generation = new JsonObject();
        foreach (var (name, value) in JsonNode.Parse(Config)!.AsObject())
        {
            (TopLevel.Contains(name) ? body : generation)[name] = value!.DeepClone();
        }

        body["generationConfig"] = generation;
        return body;
    }

    private async Task<TestChat> ChatAsync(GenerateContentConfig? config)
    {
        var model = $"gemini-{Guid.NewGuid():N}";
        var chat = await Client.CreateChatAsync(new CreateChatRequest { Model = model, Config = config });
        return new TestChat(Server, model, chat.Name);
    }

    private async Task SendAsync(TestChat chat, GenerateContentConfig? config, ConfigMode mode, bool stream)
    {
        var request = chat.Message("hi");
        request.Config = config;
        request.ConfigMode = mode;
        if (stream)
        {
            using var call = Client.SendMessageStream(request);
            await call.ToListAsync();
        }
        else
        {
            await Client.SendMessageAsync(request);
        }
    }
}

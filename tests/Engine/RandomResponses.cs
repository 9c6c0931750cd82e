using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Engine.Tests;

/// <summary>A model's answer in chunks, with everything in it that a model has been seen to send, and more.</summary>
internal sealed class RandomResponses(int seed)
{
    private static readonly string[] Texts = ["", "a", "ab ", "über", "\ud83d\ude00", "x\ud83d\ude00y", "\u0000\n", new string('l', 300)];

    private readonly Random _random = new(seed);

    public List<GenerateContentResponse> Next() => [.. Enumerable.Range(0, _random.Next(0, 12)).Select(_ => Response())];

    private GenerateContentResponse Response()
    {
        var response = new GenerateContentResponse();
        var candidates = Often() ? 1 : _random.Next(0, 4);
        for (var i = 0; i < candidates; i++)
        {
            response.Candidates.Add(Candidate(Often() ? i : _random.Next(0, 3)));
        }

        response.ModelVersion = Often() ? "v1" : Pick("", "v2");
        response.ResponseId = Often() ? "id" : "";
        response.UsageMetadata = Coin() ? new UsageMetadata { TotalTokenCount = _random.Next(0, 3), ThoughtsTokenCount = Coin() ? 0 : 1 } : null;
        response.PromptFeedback = Seldom() ? new PromptFeedback { BlockReason = Pick("", "SAFETY") } : null;
        response.CreateTime = Seldom() ? new Timestamp { Seconds = _random.Next(0, 2) } : null;
        response.ModelStatus = Seldom() ? new ModelStatus { Message = "" } : null;
        response.Extra = Seldom() ? Extra() : null;
        return response;
    }

    private Candidate Candidate(int index)
    {
        var candidate = new Candidate { FinishReason = Seldom() ? Pick("STOP", "SAFETY") : "" };
        if (index > 0 || Coin())
        {
            candidate.Index = index;
        }

        if (Often())
        {
            candidate.Content = new Content { Role = Often() ? "model" : Pick("", "user"), Extra = Seldom() ? Extra() : null, ExtraJson = Seldom() ? Exact() : null };
            for (var parts = _random.Next(0, 4); parts > 0; parts--)
            {
                candidate.Content.Parts.Add(Part());
            }
        }

        if (Seldom())
        {
            candidate.AvgLogprobs = _random.NextDouble();
        }

        candidate.Extra = Seldom() ? Extra() : null;
        candidate.ExtraJson = Seldom() ? Exact() : null;
        return candidate;
    }

    private Part Part()
    {
        var part = new Part();
        switch (Often() ? 0 : _random.Next(0, 5))
        {
            case 0:
                part.Text = Texts[_random.Next(Texts.Length)];
                break;
            case 1:
                part.FunctionCall = new FunctionCall { Id = Pick("1", "2"), Name = "f", Args = Extra(), ArgsJson = Seldom() ? Exact() : null };
                break;
            case 2:
                part.InlineData = new Blob { MimeType = "image/png", Data = Google.Protobuf.ByteString.CopyFrom(1, 2, 3) };
                break;
            case 3:
                part.ExecutableCode = new ExecutableCode { Language = "PYTHON", Code = "" };
                break;
        }

        if (!Often())
        {
            part.Thought = Coin();
        }

        if (Seldom())
        {
            part.ThoughtSignature = Pick("", "c2ln");
        }

        part.PartMetadata = Seldom() ? Extra() : null;
        part.Extra = Seldom() ? Extra() : null;
        part.ExtraJson = Seldom() ? Exact() : null;
        return part;
    }

    private ExactJson Exact() => new() { Members = { [Pick("a", "c")] = Pick("1e400", "12345678901234567890") } };

    private Struct Extra() => new() { Fields = { [Pick("a", "b")] = Value.ForNumber(_random.Next(0, 3)) } };

    private string Pick(string one, string other) => Coin() ? one : other;

    private bool Coin() => _random.Next(2) == 0;

    private bool Often() => _random.Next(4) != 0;

    private bool Seldom() => _random.Next(8) == 0;
}

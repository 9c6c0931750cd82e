using GenAI.Chats.V1;
using Grpc.Core;

namespace GenAI.Chats.SystemTests.Support;

/// <summary>Chats with the model <c>echo</c>, which answers with what it is told, a word a chunk.</summary>
internal static class Echo
{
    public const string Model = "echo";

    public const string Text = "one two three four five six seven eight ";

    public static readonly string[] Words = ["one ", "two ", "three ", "four ", "five ", "six ", "seven ", "eight "];

    /// <summary>A send whose words come with a pause before each.</summary>
    public static SendMessageRequest Slow(string name, int pauseMilliseconds) => new()
    {
        Name = name,
        Text = Text,
        Config = new GenerateContentConfig { Labels = { ["echo-delay-ms"] = $"{pauseMilliseconds}" } },
    };

    /// <summary>The words of a turn's chunks; those of attempts that started over are void.</summary>
    public static IReadOnlyList<string> WordsOf(IEnumerable<TurnEvent> events)
    {
        var words = new List<string>();
        foreach (var next in events)
        {
            if (next.Started is not null)
            {
                words.Clear();
            }
            else if (next.Chunk is { } chunk)
            {
                words.Add(Assert.Single(chunk.Candidates[0].Content.Parts).Text);
            }
        }

        return words;
    }

    /// <summary>All that a stream says.</summary>
    public static async Task<List<TurnEvent>> AllAsync(AsyncServerStreamingCall<TurnEvent> stream)
    {
        using (stream)
        {
            var events = new List<TurnEvent>();
            await foreach (var next in stream.ResponseStream.ReadAllAsync(TimeLimit.Token))
            {
                events.Add(next);
            }

            return events;
        }
    }

    /// <summary>The next that a stream says.</summary>
    public static async Task<TurnEvent> NextAsync(AsyncServerStreamingCall<TurnEvent> stream)
    {
        Assert.True(await stream.ResponseStream.MoveNext(TimeLimit.Token), "The stream ended.");
        return stream.ResponseStream.Current;
    }
}

using GenAI.Chats.V1;

namespace GenAI.Chats.SystemTests.Crash;

/// <summary>What a client holds of a turn, from one stream or from several. It takes no gap, no double, and nothing after the end.</summary>
internal sealed class TurnCopy
{
    private readonly List<string> _words = [];

    /// <summary>The offset of the last event.</summary>
    public long Offset { get; private set; }

    public int Attempt { get; private set; }

    public Turn? Ended { get; private set; }

    /// <summary>What the chunks say together, without those of void attempts.</summary>
    public string Text => string.Concat(_words);

    public int Chunks => _words.Count;

    public void Add(TurnEvent next)
    {
        Assert.True(Ended is null, $"{next} came after the end.");
        Assert.True(next.Offset > Offset, $"{next} came after offset {Offset}.");
        switch (next.EventCase)
        {
            case TurnEvent.EventOneofCase.Started:
                Assert.True(next.Started.Attempt > Attempt, $"{next} came in attempt {Attempt}.");
                Attempt = next.Started.Attempt;
                _words.Clear();
                break;
            case TurnEvent.EventOneofCase.Chunk:
                Assert.True(next.Offset == Offset + 1, $"{next} came after offset {Offset}: a gap.");
                _words.Add(Assert.Single(next.Chunk.Candidates[0].Content.Parts).Text);
                break;
            default:
                Ended = next.Ended;
                break;
        }

        Offset = next.Offset;
    }
}

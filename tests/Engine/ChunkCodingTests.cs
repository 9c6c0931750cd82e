using GenAI.Chats.Engine.Chunks;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.Engine.Turns;
using GenAI.Chats.V1;
using Google.Protobuf;
using static GenAI.Chats.TestKit.Chats.Messages;

namespace GenAI.Chats.Engine.Tests;

public sealed class ChunkCodingTests
{
    private const int Seeds = 2000;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Decode_EncodedRandomResponses_GivesThemMemberByMember(bool join)
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var responses = new RandomResponses(seed).Next();
            var before = Bytes(responses);

            var (chunks, content) = Stored(join, responses);

            Assert.True(before.SequenceEqual(Bytes(ChunkDecoder.Decode(chunks, [content]))), $"seed {seed}: {string.Join('\n', responses)}");
            Assert.True(before.SequenceEqual(Bytes(responses)), $"seed {seed}: the encoder changed what it was given.");
        }
    }

    [Fact]
    public void Content_RandomResponses_JoinsUnsignedNeighboursOnly()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var responses = new RandomResponses(seed).Next();
            var parts = responses.SelectMany(r => ChunkEncoder.ChatCandidate(r)?.Content?.Parts ?? []).ToList();

            var (_, content) = Stored(join: true, responses);

            Assert.True(Bytes(Joined(parts)).SequenceEqual(Bytes(content.Parts)), $"seed {seed}: {string.Join('\n', parts)} became {content}");
        }
    }

    [Fact]
    public void Content_NotJoined_HasThePartsAsTheyCame()
    {
        var (_, content) = Stored(join: false, [Parts("STOP", new Part { Text = "a" }, new Part { Text = "b" })]);

        Assert.Equal(["a", "b"], content.Parts.Select(p => p.Text));
    }

    [Fact]
    public void Content_SignedNextToUnsigned_StayApart()
    {
        var (_, content) = Stored(
            join: true,
            [Chunk("a"), Chunk("b"), Parts("", new Part { Text = "c", ThoughtSignature = "c2ln" }), Chunk("d"), Chunk("e", "STOP")]);

        Assert.Equal(["ab", "c", "de"], content.Parts.Select(p => p.Text));
    }

    [Theory]
    [InlineData(20)]
    [InlineData(1)]
    [InlineData(500)]
    public void Outcome_OfAnswerInWords_IsAtMostTwiceItsTextAndOneKibi(int words)
    {
        var text = string.Concat(Enumerable.Range(0, words).Select(i => $"word{i} "));
        var recorder = new TurnRecorder(stream: true);
        for (var i = 0; i < words; i++)
        {
            var response = Chunk($"word{i} ", i == words - 1 ? "STOP" : "");
            response.ModelVersion = "echo";
            response.UsageMetadata = i == words - 1 ? new UsageMetadata { TotalTokenCount = 2 * words } : null;
            recorder.Add(response);
        }

        var size = recorder.ToOutcome(recorded: true).CalculateSize();

        Assert.InRange(size, text.Length, (2 * text.Length) + 1024);
    }

    [Fact]
    public void Decode_OptionalFieldOfAMessageComesAndGoes_IsTold()
    {
        GenerateContentResponse[] responses =
        [
            Response(new Candidate { Index = 0 }),
            Response(new Candidate()),
            Response(new Candidate { TokenCount = 0 }),
            Response(new Candidate { Index = 0 }),
        ];

        var (chunks, content) = Stored(join: true, responses);

        Assert.Equal([true, false, false, true], ChunkDecoder.Decode(chunks, [content]).Select(r => r.Candidates[0].HasIndex));
    }

    [Fact]
    public void Add_ChunksThatGoOnWithTheText_AreOneObject()
    {
        var encoder = new ChunkEncoder(join: true);
        foreach (var text in (string[])["one ", "two ", "six ", "seven "])
        {
            encoder.Add(Chunk(text));
        }

        Assert.Same(encoder.Chunks[1], encoder.Chunks[2]);
        Assert.NotSame(encoder.Chunks[1], encoder.Chunks[3]);
    }

    // Messages compare as equal when one has an optional field with its default, and the other has it not: what is written tells.
    private static List<ByteString> Bytes(IEnumerable<IMessage> messages) => [.. messages.Select(m => m.ToByteString())];

    // What is read back is what was written: the encoder's own objects would hide what a store loses.
    private static (IReadOnlyList<Chunk> Chunks, Content Content) Stored(bool join, IEnumerable<GenerateContentResponse> responses)
    {
        var encoder = new ChunkEncoder(join);
        foreach (var response in responses)
        {
            encoder.Add(response);
        }

        var outcome = new TurnOutcome { Contents = { encoder.Content() }, Chunks = { encoder.Chunks } };
        outcome = TurnOutcome.Parser.ParseFrom(outcome.ToByteArray());
        return (outcome.Chunks, outcome.Contents[0]);
    }

    // The rule in other words: a part that is nothing but text and the thought flag is added to one before it that is so, too.
    private static List<Part> Joined(List<Part> parts)
    {
        var joined = new List<Part>();
        foreach (var part in parts)
        {
            if (joined.Count > 0 && IsPlain(part) && IsPlain(joined[^1]) && SameFlags(part, joined[^1]))
            {
                joined[^1].Text += part.Text;
            }
            else
            {
                joined.Add(part.Clone());
            }
        }

        return joined;
    }

    private static bool IsPlain(Part part)
    {
        var plain = new Part { Text = part.Text };
        if (part.HasThought)
        {
            plain.Thought = part.Thought;
        }

        return Bytes([plain]).SequenceEqual(Bytes([part]));
    }

    private static bool SameFlags(Part one, Part other) => (one.HasThought, one.Thought) == (other.HasThought, other.Thought);
}

using System.Collections.Immutable;
using Google.Protobuf.WellKnownTypes;
using Orleans.Concurrency;
using Orleans.Serialization;

namespace Orleans.StandIn.Tests;

public sealed class CopyingTests
{
    [Fact]
    public async Task Argument_WithGenerateSerializer_IsCopiedByItsMembersWithAnId()
    {
        var sent = new Note { Text = "text", Tags = ["a"], NotSerialized = "lost" };

        var received = await SendAsync(sent);

        Assert.NotSame(sent, received);
        Assert.Equal("text", received.Text);
        Assert.Equal(["a"], received.Tags);
        Assert.NotSame(sent.Tags, received.Tags);
        Assert.Null(received.NotSerialized);
    }

    [Fact]
    public async Task Argument_ThatIsAPositionalRecord_IsCopied()
    {
        var sent = new Line("text", new Note { Text = "inner" }) { More = 3 };

        var received = await SendAsync(sent);

        Assert.NotSame(sent, received);
        Assert.Equal(("text", "inner", 3), (received.Text, received.Note.Text, received.More));
        Assert.NotSame(sent.Note, received.Note);
    }

    [Fact]
    public async Task Argument_OfADerivedType_IsCopiedAsWhatItIs()
    {
        var received = await SendAsync<Note>(new LongNote { Text = "text", Rest = "rest" });

        Assert.Equal(("text", "rest"), (received.Text, Assert.IsType<LongNote>(received).Rest));
    }

    [Fact]
    public async Task Argument_ThatRefersToItself_IsCopiedOnce()
    {
        var sent = new Note { Text = "circle" };
        sent.Next = sent;

        var received = await SendAsync(sent);

        Assert.NotSame(sent, received);
        Assert.Same(received, received.Next);
    }

    [Fact]
    public async Task Argument_ThatIsAStruct_HasItsMembersCopied()
    {
        var sent = new Pair(new Note { Text = "text" }, 2);

        var received = await SendAsync(sent);

        Assert.Equal(("text", 2), (received.Note.Text, received.Number));
        Assert.NotSame(sent.Note, received.Note);
    }

    [Fact]
    public async Task Collections_AreCopiedWithTheirElements()
    {
        var note = new Note { Text = "text" };

        Assert.NotSame(note, (await SendAsync(new List<Note> { note }))[0]);
        Assert.NotSame(note, (await SendAsync(new[] { note }))[0]);
        Assert.NotSame(note, (await SendAsync(new Dictionary<string, Note> { ["a"] = note }))["a"]);
        Assert.NotSame(note, (await SendAsync(ImmutableArray.Create(note)))[0]);
        Assert.NotSame(note, (await SendAsync<IReadOnlyList<Note>>(new List<Note> { note }))[0]);
        Assert.NotSame(note, (await SendAsync((note, 1))).note);
        Assert.NotSame(note, (await SendAsync(Tuple.Create(note))).Item1);
        var bytes = new byte[] { 1, 2 };
        var received = await SendAsync(bytes);
        Assert.NotSame(bytes, received);
        Assert.Equal(bytes, received);
    }

    [Fact]
    public async Task ImmutableValues_AreHandedOnAsTheyAre()
    {
        var note = new Note();
        var frozen = new Frozen(note);
        var text = new string('a', 3);

        Assert.Same(note, (await SendAsync(note.AsImmutable())).Value);
        Assert.Same(frozen, await SendAsync(frozen));
        Assert.Same(text, await SendAsync(text));
    }

    [Fact]
    public async Task Result_IsACopyOfWhatTheGrainHolds()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IEchoGrain<Note>>();
        var held = new Note { Text = "text" };

        var result = await grain.Hold(held.AsImmutable());

        Assert.NotSame(held, result);
        Assert.Equal("text", result.Text);
    }

    [Fact]
    public async Task Argument_WithoutASerializer_ThrowsCodecNotFound()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IEchoGrain<Plain>>();

        var exception = await Assert.ThrowsAsync<CodecNotFoundException>(() => grain.Echo(new Plain()));

        Assert.Contains(typeof(Plain).FullName!, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Result_WithoutASerializer_ThrowsCodecNotFound()
    {
        await using var silo = await TestSilo.StartAsync();

        await Assert.ThrowsAsync<CodecNotFoundException>(() => silo.New<IEchoGrain<Plain>>().Hold(new Plain().AsImmutable()));
    }

    [Fact]
    public async Task ProtobufMessage_WithoutItsSerializer_ThrowsCodecNotFound()
    {
        await using var silo = await TestSilo.StartAsync();

        await Assert.ThrowsAsync<CodecNotFoundException>(() => silo.New<IEchoGrain<StringValue>>().Echo(new StringValue()));
    }

    [Fact]
    public async Task ProtobufMessage_WithItsSerializer_IsCloned()
    {
        await using var silo = await TestSilo.StartAsync(
            builder => builder.Services.AddSerializer(serializers => serializers.AddProtobufSerializer()));
        var sent = new StringValue { Value = "text" };

        var received = await silo.New<IEchoGrain<StringValue>>().Echo(sent);

        Assert.NotSame(sent, received);
        Assert.Equal(sent, received);
    }

    private static async Task<T> SendAsync<T>(T value)
    {
        await using var silo = await TestSilo.StartAsync();
        return (await silo.New<IEchoGrain<T>>().Send(value)).Value;
    }
}

/// <summary>Shows what reached the grain, and what comes back from it.</summary>
internal interface IEchoGrain<T> : IGrainWithStringKey
{
    ValueTask<Immutable<T>> Send(T value);

    Task<T> Echo(T value);

    Task<T> Hold(Immutable<T> value);
}

internal abstract class EchoGrain<T> : Grain, IEchoGrain<T>
{
    public ValueTask<Immutable<T>> Send(T value) => new(value.AsImmutable());

    public Task<T> Echo(T value) => Task.FromResult(value);

    public Task<T> Hold(Immutable<T> value) => Task.FromResult(value.Value);
}

internal sealed class NoteEcho : EchoGrain<Note>;

internal sealed class LineEcho : EchoGrain<Line>;

internal sealed class PairEcho : EchoGrain<Pair>;

internal sealed class ListEcho : EchoGrain<List<Note>>;

internal sealed class ArrayEcho : EchoGrain<Note[]>;

internal sealed class DictionaryEcho : EchoGrain<Dictionary<string, Note>>;

internal sealed class ImmutableArrayEcho : EchoGrain<ImmutableArray<Note>>;

internal sealed class ReadOnlyListEcho : EchoGrain<IReadOnlyList<Note>>;

internal sealed class ValueTupleEcho : EchoGrain<(Note note, int)>;

internal sealed class TupleEcho : EchoGrain<Tuple<Note>>;

internal sealed class BytesEcho : EchoGrain<byte[]>;

internal sealed class ImmutableEcho : EchoGrain<Immutable<Note>>;

internal sealed class FrozenEcho : EchoGrain<Frozen>;

internal sealed class StringEcho : EchoGrain<string>;

internal sealed class PlainEcho : EchoGrain<Plain>;

internal sealed class ProtobufEcho : EchoGrain<StringValue>;

[GenerateSerializer]
internal class Note
{
    [Id(0)]
    public string? Text { get; set; }

    [Id(1)]
    public List<string> Tags { get; set; } = [];

    [Id(2)]
    public Note? Next { get; set; }

    public string? NotSerialized { get; set; }
}

[GenerateSerializer]
internal sealed class LongNote : Note
{
    [Id(0)]
    public string? Rest { get; init; }
}

[GenerateSerializer]
internal sealed record Line(string Text, Note Note)
{
    [Id(0)]
    public int More { get; init; }
}

[GenerateSerializer]
internal readonly record struct Pair(Note Note, int Number);

[Immutable]
internal sealed record Frozen(Note Note);

internal sealed class Plain;

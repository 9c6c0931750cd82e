using System.IO.Pipelines;
using System.Reflection;
using GenAI.Chats.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Type = System.Type;

namespace GenAI.Chats.Grains.Tests.Serialization;

/// <summary>Messages through Orleans' serializer and copier, as grain calls use them.</summary>
public sealed class ContractCodecTests : IDisposable
{
    private static readonly MethodInfo RoundTripMethod =
        typeof(ContractCodecTests).GetMethod(nameof(RoundTrip), BindingFlags.Instance | BindingFlags.NonPublic)!;

    private readonly ServiceProvider _services = new ServiceCollection().AddChatSerialization().BuildServiceProvider();

    public static TheoryData<string> Names => ContractMessages.Names;

    private Serializer Serializer => _services.GetRequiredService<Serializer>();

    [Theory]
    [MemberData(nameof(Names))]
    public void Serialize_AnyMessage_ComesBackByteForByte(string name)
    {
        foreach (var message in ContractMessages.Samples(name))
        {
            // As a value of any type, and as one whose type both sides expect.
            var untyped = Serializer.Deserialize<object>(Serializer.SerializeToArray<object>(message));
            var typed = (IMessage)RoundTripMethod.MakeGenericMethod(message.GetType()).Invoke(this, [message])!;

            Assert.IsType(message.GetType(), untyped);
            Assert.Equal(message.ToByteArray(), ((IMessage)untyped).ToByteArray());
            Assert.Equal(message.ToByteArray(), typed.ToByteArray());
        }
    }

    [Fact]
    public void Serialize_Null_IsNull()
    {
        Assert.Null(RoundTrip<Chat?>(null));
        Assert.Null(Serializer.Deserialize<object>(Serializer.SerializeToArray<object?>(null)));
    }

    [Fact]
    public void Serialize_SameMessageTwice_IsOneMessage()
    {
        var turn = new Turn { TurnId = "t" };

        var copies = RoundTrip<object[]>([turn, new Chat { Name = "chats/c" }, turn]);

        Assert.Equal([turn, new Chat { Name = "chats/c" }, turn], copies);
        Assert.Same(copies[0], copies[2]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5_000)]
    [InlineData(70_000)]
    [InlineData(10_000_000)]
    public void Serialize_AnySize_ComesBackWithWhatFollows(int size)
    {
        var bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        var content = new Content { Parts = { new Part { InlineData = new Blob { Data = ByteString.CopyFrom(bytes) } } } };

        // Into segments, as a connection has them.
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        Serializer.Serialize<object[], PipeWriter>([content, "what follows"], pipe.Writer);
        pipe.Writer.Complete();
        Assert.True(pipe.Reader.TryRead(out var read));
        var copies = Serializer.Deserialize<object[]>(read.Buffer);

        Assert.Equal([content, "what follows"], copies);
    }

    [Fact]
    public void Serialize_MessageOfAnotherContract_IsRejected()
    {
        var rejected = Assert.Throws<NotSupportedException>(() => Serializer.SerializeToArray<object>(new Struct()));
        Assert.Contains("Google.Protobuf.WellKnownTypes.Struct is not a message of genai.chats.v1", rejected.Message, StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => _services.GetRequiredService<DeepCopier>().Copy<object>(new Struct()));
    }

    [Fact]
    public void Deserialize_MessageOfAnotherContract_IsRejected()
    {
        // Of the same length, so that the rest of the bytes stays what it is.
        var (ours, theirs) = (Name(typeof(Blob)), Name(typeof(Any)));
        var bytes = Serializer.SerializeToArray<object>(new Blob { MimeType = "x" });
        var at = bytes.AsSpan().IndexOf(ours);
        Assert.True(at > 0);
        byte[] forged = [.. bytes[..at], .. theirs, .. bytes[(at + ours.Length)..]];
        forged[at - 1] += (byte)(2 * (theirs.Length - ours.Length));

        Assert.ThrowsAny<Exception>(() => Serializer.Deserialize<object>(forged));

        static byte[] Name(Type type) => System.Text.Encoding.UTF8.GetBytes($"{type.FullName},{type.Assembly.GetName().Name}");
    }

    [Fact]
    public void Deserialize_BytesOfNoMessage_Fails()
    {
        var bytes = Serializer.SerializeToArray<object>(new Blob { MimeType = "image" });
        var at = bytes.AsSpan().IndexOf("image"u8);
        bytes[at - 1] = 0xFF;

        Assert.ThrowsAny<Exception>(() => Serializer.Deserialize<object>(bytes));
    }

    [Fact]
    public void Copy_Message_IsTheSameInstance()
    {
        var chat = new Chat { Name = "chats/c" };

        Assert.Same(chat, _services.GetRequiredService<DeepCopier>().Copy(chat));
        Assert.Same(chat, _services.GetRequiredService<DeepCopier>().Copy<object[]>([chat])[0]);
    }

    public void Dispose() => _services.Dispose();

    private T RoundTrip<T>(T message) => Serializer.Deserialize<T>(Serializer.SerializeToArray(message))!;
}

using GenAI.Chats.Engine.History;
using GenAI.Chats.Engine.Sessions;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Engine.Tests;

public sealed class CanonicalHashTests
{
    public static TheoryData<string> Fields => new(SampleMessages.FieldsOf(GenerateContentConfig.Descriptor));

    public static TheoryData<string> PartFields => new(SampleMessages.FieldsOf(Part.Descriptor));

    [Theory]
    [MemberData(nameof(Fields))]
    public void Of_ConfigFieldDiffers_HashDiffers(string name) => EveryValueMatters(new GenerateContentConfig(), name);

    [Theory]
    [MemberData(nameof(PartFields))]
    public void Of_PartFieldDiffers_HashDiffers(string name) => EveryValueMatters(new Part(), name);

    [Fact]
    public void Of_MapsInAnotherOrder_IsTheSame()
    {
        string[] keys = [.. Enumerable.Range(0, 20).Select(i => $"k{i}")];
        var one = new GenerateContentConfig { ResponseJsonSchema = Value.ForStruct(new Struct()) };
        var other = one.Clone();
        foreach (var key in keys)
        {
            one.Labels.Add(key, key + "-value");
            one.ResponseJsonSchema.StructValue.Fields.Add(key, Value.ForString(key));
        }

        foreach (var key in keys.Reverse())
        {
            other.Labels.Add(key, key + "-value");
            other.ResponseJsonSchema.StructValue.Fields.Add(key, Value.ForString(key));
        }

        Assert.NotEqual(one.ToByteString(), other.ToByteString());
        Assert.Equal(Hash(one), Hash(other));
    }

    // Stores keep hashes: a retry after an update of the service must find its turn.
    [Theory]
    [InlineData(2, "C690607EFE0FEF0CF0A243022B83AE08")]
    [InlineData(300, "3429D7442BB953F17CDEEC4C3582F3E0")]
    [InlineData(5000, "2F3DCA454CF63D5288D21FA96D1A6496")]
    public void Of_AnyLength_IsWhatStoresHave(int length, string hash)
    {
        var message = new Content { Role = "user", Parts = { new Part { Text = new string('\u00e9', length) }, new Part { Text = "x" } } };

        Assert.Equal(hash, Convert.ToHexString(CanonicalHash.Of(message, null, new GenerateContentConfig { Temperature = 0.5 })));
    }

    [Fact]
    public void Of_KeysAndValuesSwapped_IsAnother()
    {
        var one = new GenerateContentConfig { Labels = { ["a"] = "b" } };
        var other = new GenerateContentConfig { Labels = { ["b"] = "a" } };

        Assert.NotEqual(Hash(one), Hash(other));
    }

    [Fact]
    public void Of_TextMovedBetweenFields_IsAnother()
    {
        var one = new Content { Parts = { new Part { Text = "ab" }, new Part { Text = "c" } } };
        var other = new Content { Parts = { new Part { Text = "a" }, new Part { Text = "bc" } } };

        Assert.NotEqual(Hash(one), Hash(other));
    }

    [Fact]
    public void Of_MessagesMissingOrEmpty_AreToldApart()
    {
        var hashes = new[]
        {
            CanonicalHash.Of(null), CanonicalHash.Of(new Content()), CanonicalHash.Of(null, new Content()), CanonicalHash.Of(new Content(), null),
        };

        Assert.Equal(hashes.Length, hashes.Select(Convert.ToHexString).Distinct().Count());
        Assert.All(hashes, h => Assert.Equal(CanonicalHash.Size, h.Length));
    }

    [Fact]
    public void Of_ReadFromTheWire_IsTheSame()
    {
        var config = SampleMessages.Full<GenerateContentConfig>(2);

        Assert.Equal(Hash(config), Hash(GenerateContentConfig.Parser.ParseFrom(config.ToByteString())));
    }

    [Fact]
    public void From_HowTheAnswerIsWanted_IsNoPartOfTheHash()
    {
        var request = Messages.Send("hello");
        var asMessage = new SendMessageRequest
        {
            Message = new Content { Parts = { new Part { Text = "hello" } } },
            OnBusy = BusyPolicy.Reject,
            ConfigMode = SendMessageRequest.Types.ConfigMode.Replace,
            ExpectedRevision = 3,
        };

        Assert.Equal(TurnRequest.From(request, stream: true).Hash, TurnRequest.From(asMessage, stream: false).Hash);
        Assert.NotEqual(TurnRequest.From(request, stream: true).Hash, TurnRequest.From(Messages.Send("hello!"), stream: true).Hash);
    }

    [Fact]
    public void From_ConfigOrItsMode_IsPartOfTheHash()
    {
        var config = new GenerateContentConfig { Seed = 1 };
        SendMessageRequest[] requests =
        [
            Messages.Send("hello"),
            new() { Text = "hello", Config = new GenerateContentConfig() },
            new() { Text = "hello", Config = config },
            new() { Text = "hello", Config = config, ConfigMode = SendMessageRequest.Types.ConfigMode.Merge },
        ];

        Assert.Equal(requests.Length, requests.Select(r => Convert.ToHexString(TurnRequest.From(r, stream: true).Hash)).Distinct().Count());
    }

    private static void EveryValueMatters<T>(T message, string name)
        where T : IMessage<T>, IDeepCloneable<T>
    {
        var field = message.Descriptor.FindFieldByName(name);
        var (one, other) = (message.Clone(), message.Clone());
        SampleMessages.Set(one, field, 1);
        SampleMessages.Set(other, field, 2);

        Assert.NotEqual(one, other);
        Assert.Equal(3, new[] { Hash(message), Hash(one), Hash(other) }.Distinct().Count());
    }

    private static string Hash(IMessage message) => Convert.ToHexString(CanonicalHash.Of(message));
}

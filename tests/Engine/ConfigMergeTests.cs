using GenAI.Chats.Engine.History;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using static GenAI.Chats.V1.SendMessageRequest.Types;

namespace GenAI.Chats.Engine.Tests;

public sealed class ConfigMergeTests
{
    public static TheoryData<string> Fields => new(SampleMessages.FieldsOf(GenerateContentConfig.Descriptor));

    [Theory]
    [MemberData(nameof(Fields))]
    public void Effective_MergeFieldSet_CountsWholeAndTheOthersStay(string name)
    {
        var field = GenerateContentConfig.Descriptor.FindFieldByName(name);
        var chat = SampleMessages.Full<GenerateContentConfig>(3);
        var send = new GenerateContentConfig();
        SampleMessages.Set(send, field, 2);
        var expected = chat.Clone();
        field.Accessor.Clear(expected);
        SampleMessages.Set(expected, field, 2);
        var (chatBefore, sendBefore) = (chat.Clone(), send.Clone());

        var merged = ConfigMerge.Effective(chat, send, ConfigMode.Merge);

        Assert.NotEqual(chat, expected);
        Assert.Equal(expected, merged);
        Assert.Equal(chatBefore, chat);
        Assert.Equal(sendBefore, send);
    }

    [Fact]
    public void Effective_MergeZeroAndFalse_CountAsSet()
    {
        var chat = new GenerateContentConfig { Temperature = 1, Seed = 7, AudioTimestamp = true, ResponseMimeType = "text/plain" };
        var send = new GenerateContentConfig { Temperature = 0, AudioTimestamp = false, ResponseMimeType = "" };

        var merged = ConfigMerge.Effective(chat, send, ConfigMode.Merge)!;

        Assert.True(merged.HasTemperature);
        Assert.Equal(0, merged.Temperature);
        Assert.True(merged is { HasAudioTimestamp: true, AudioTimestamp: false, HasResponseMimeType: true, ResponseMimeType: "" });
        Assert.Equal(7, merged.Seed);
    }

    [Theory]
    [InlineData(ConfigMode.Unspecified)]
    [InlineData(ConfigMode.Replace)]
    public void Effective_Replace_IsTheSends(ConfigMode mode)
    {
        var send = new GenerateContentConfig();

        Assert.Same(send, ConfigMerge.Effective(new GenerateContentConfig { Temperature = 1 }, send, mode));
    }

    [Theory]
    [InlineData(ConfigMode.Unspecified)]
    [InlineData(ConfigMode.Replace)]
    [InlineData(ConfigMode.Merge)]
    public void Effective_OneIsMissing_IsTheOther(ConfigMode mode)
    {
        var config = new GenerateContentConfig { Temperature = 1 };

        Assert.Equal(config, ConfigMerge.Effective(config, null, mode));
        Assert.Equal(config, ConfigMerge.Effective(null, config, mode));
        Assert.Null(ConfigMerge.Effective(null, null, mode));
    }
}

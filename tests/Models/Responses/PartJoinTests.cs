using GenAI.Chats.Models.Responses;
using GenAI.Chats.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Models.Tests.Responses;

public sealed class PartJoinTests
{
    [Theory]
    [InlineData(null, null, true)]
    [InlineData(true, true, true)]
    [InlineData(false, null, true)]
    [InlineData(true, null, false)]
    [InlineData(false, true, false)]
    public void CanJoin_PlainTexts_WhereBothAreThoughtsOrNeitherIs(bool? first, bool? second, bool expected) =>
        Assert.Equal(expected, PartJoin.CanJoin(Text("a", first), Text("b", second)));

    [Fact]
    public void CanJoin_EmptyExtra_IsNone()
    {
        Assert.True(PartJoin.CanJoin(new Part { Text = "a", Extra = new Struct() }, Text("b")));
    }

    [Fact]
    public void CanJoin_AnyOtherFieldSet_IsNoPlainText()
    {
        var others = Part.Descriptor.Fields.InDeclarationOrder().Where(field => field.Name is not ("text" or "thought")).ToList();
        Assert.NotEmpty(others);
        foreach (var field in others)
        {
            var part = Text("a");
            field.Accessor.SetValue(part, ValueOf(field));

            Assert.False(PartJoin.CanJoin(part, Text("b")), field.Name);
            Assert.False(PartJoin.CanJoin(Text("b"), part), field.Name);
        }
    }

    private static object ValueOf(FieldDescriptor field) =>
        field.FieldType == FieldType.String ? ""
        : field.FieldType == FieldType.Int64 ? 1L
        : field.Name == "extra" ? new Struct { Fields = { ["a"] = Value.ForNull() } }
        : field.MessageType.Parser.ParseFrom(ByteString.Empty);

    private static Part Text(string text, bool? thought = null)
    {
        var part = new Part { Text = text };
        if (thought is { } value)
        {
            part.Thought = value;
        }

        return part;
    }
}

using GenAI.Chats.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Console.Tests.Rendering;

/// <summary>How parts are shown as text.</summary>
public sealed class TextTests
{
    private static readonly Struct City = new() { Fields = { ["city"] = Value.ForString("Rome") } };

    public static TheoryData<string, Part> Parts { get; } = new()
    {
        { "Hello!", new Part { Text = "Hello!" } },
        { """[calls weather({ "city": "Rome" })]""", new Part { FunctionCall = new FunctionCall { Name = "weather", Args = City } } },
        { """[weather returned { "city": "Rome" }]""", new Part { FunctionResponse = new FunctionResponse { Name = "weather", Response = City } } },
        { "[image/png, 3 bytes]", new Part { InlineData = new Blob { MimeType = "image/png", Data = ByteString.CopyFrom(1, 2, 3) } } },
        { "[video/mp4 gs://b/v]", new Part { FileData = new FileData { MimeType = "video/mp4", FileUri = "gs://b/v" } } },
        { "print(1)", new Part { ExecutableCode = new ExecutableCode { Code = "print(1)" } } },
        { "1", new Part { CodeExecutionResult = new CodeExecutionResult { Output = "1" } } },
        { "", new Part() },
    };

    [Theory]
    [MemberData(nameof(Parts), DisableDiscoveryEnumeration = true)]
    public void Of_Part_IsShown(string text, Part part) => Assert.Equal(text, PartText.Of(part));

    [Fact]
    public void Of_Content_IsItsPartsWithoutThoughts() =>
        Assert.Equal("ab", PartText.Of(new Content { Parts = { new Part { Text = "a" }, new Part { Text = "hm", Thought = true }, new Part { Text = "b" } } }));

    [Theory]
    [InlineData("two\n\tlines\r\n", "two\n\tlines\r\n")]
    [InlineData("\e[2J", "\uFFFD[2J")]
    [InlineData("a\0b\u007fc\u009b", "a\uFFFDb\uFFFDc\uFFFD")]
    [InlineData("öß 😀", "öß 😀")]
    public void Of_ControlCharacters_AreReplaced(string text, string expected) => Assert.Equal(expected, Printable.Of(text));
}

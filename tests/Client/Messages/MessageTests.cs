using GenAI.Chats.V1;

namespace GenAI.Chats.Client.Tests.Messages;

public sealed class MessageTests
{
    private static readonly Part Picture = new() { InlineData = new Blob { MimeType = "image/png" } };
    private static readonly Part Question = new() { Text = "What is it?" };

    [Fact]
    public void Message_OfAString_IsTheText()
    {
        var request = new SendOptions().ToRequest("chats/c", "Hi");

        Assert.Equal(("chats/c", "Hi"), (request.Name, request.Text));
        Assert.Equal(Content(new Part { Text = "Hi" }), ((Message)"Hi").ToContent());
    }

    [Fact]
    public void Message_OfPartsInAnyForm_IsAContentOfTheUser()
    {
        Message[] messages = [Message.Of(Picture, Question), new[] { Picture, Question }, new List<Part> { Picture, Question }, Literal([Picture, Question])];

        Assert.All(messages, message => Assert.Equal(Content(Picture, Question), new SendOptions().ToRequest("chats/c", message).Message));
        Assert.Equal(Content(Question), ((Message)Question).ToContent());
    }

    [Fact]
    public void Message_OfAContent_IsACopyWithARole()
    {
        var content = new Content { Parts = { Question } };
        Message message = content;

        Assert.Equal("user", message.ToContent().Role);
        Assert.NotSame(content, message.ToContent());
        Assert.Equal("model", ((Message)new Content { Role = "model" }).ToContent().Role);
        Assert.Equal([Question], message);
    }

    private static Message Literal(Message message) => message;

    private static Content Content(params Part[] parts) => new() { Role = "user", Parts = { parts } };
}

// The reference implementation without what it offers beyond the specification: directives that are deprecated.

import { __Directive, __DirectiveLocation, __Schema, GraphQLDeprecatedDirective } from 'graphql';

GraphQLDeprecatedDirective.locations = GraphQLDeprecatedDirective.locations.filter((location) => location !== 'DIRECTIVE_DEFINITION');
const places = __DirectiveLocation.getValues();
places.splice(places.findIndex((value) => value.name === 'DIRECTIVE_DEFINITION'), 1);
delete __Directive.getFields().isDeprecated;
delete __Directive.getFields().deprecationReason;
__Schema.getFields().directives.args = [];
